"""Documents -> a tree for each document -> a tree over the documents, committed and mirrored.

Find changes and read (`folder_changes`), chunk (`contextual_chunker`), embed once (`drafts`), build a document's tree
(`document_tree`), commit it (`sync`, `tree_changes`, `commits`), build the tree over the documents (`collection`),
bring Chroma and the lexical index in line (`mirrors`, `outbox`).
"""
