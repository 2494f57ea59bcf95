"""The search index over the store's vectors: a cache that can be thrown away at any time.

    STUDY/vectors/
      .lock                 held while building
      building-…/           what a builder is at; it becomes index-… by a rename
      index-0007/           never changed again
        manifest.json       what it was built from and the hash of each file, signed
        chroma/             chromadb's files
      reading-…/            what chromadb opens: it writes a line into its database at each opening

An index is used only if its signature is made with the study's private key (so it was built here,
and nobody changed it since), its manifest fits the store (same model, same texts), every file has
its hash, and rows that are looked up come back. On any doubt it is not used, and NumPy answers.
"""
