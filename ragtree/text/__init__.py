"""Text: characters, words, numbers, dates, sentences and languages; what documents are called and what texts state.

Everything here takes text and returns small values. Any module may use it; it uses only the value types.
"""
