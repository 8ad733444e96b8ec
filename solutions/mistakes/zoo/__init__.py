"""Named mistakes of the mechanisms that share a page: one module for each key, with its TASKS.

`{mistakes} <key>` shows them in the section of the book, and tests hold each against the reference
in solutions/<key>.py. The exercise of the page imports the tasks that it asks for, with its own
reference: `replace(sk.TASKS["sk"], reference=SKBlock)`.
"""
