"""Documents -> a tree for each document -> a tree over the documents, committed and mirrored.

Find changes and read (`reading`), chunk (`cutting`), embed once (`drafts`), build a document's tree
(`document_tree`), commit it (`sync`, `commit`, `commits`), build the tree over the documents (`collection`), bring
Chroma and the lexical index in line (`mirrors`, `outbox`).
"""
