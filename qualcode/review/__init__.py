"""The review: pages in a browser on this machine, served to the people who review a study."""
