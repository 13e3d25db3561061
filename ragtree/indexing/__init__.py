"""Documents -> trees -> a tree over the trees, committed and mirrored.

Find changes (`changes`), read and chunk (`reading`, `cutting`), embed once (`vectors`), build a document's tree
(`document_tree`), commit it (`sync`, `commit`), build the tree over the documents (`collection`), follow with Chroma
and the lexical index (`mirrors`, `outbox`).
"""
