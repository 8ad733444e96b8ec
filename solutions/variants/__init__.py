"""Right variants, one module per mechanism: correct answers by other means, for full marks.

Each module has VARIANTS: a name to the objects that a student would have bound, by the student's
names. What a variant leaves out is as in the reference. `attnlab.check.cells.as_cell(build, name)`
gives the text of the notebook cell.
"""
