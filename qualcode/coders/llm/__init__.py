"""The LLM coder: any provider through langchain, every reply checked, nothing spent by surprise."""
