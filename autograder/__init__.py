"""The trusted side: runs students' code locked in, reaches verdicts, keeps the gradebook.

Command line: `autograder --help`. The parts, from the inside out:

    landlock, seccomp, limits, sandbox    the walls round one student process
    wire                                  what may pass between the two sides
    zygote, student, verdict              the processes; session and remote join the last two
    source, submission, notebook          what is asked, what was handed in, what is given back
    worker, grade, journal, gradebook     a class: workers grade, one parent writes
    feedback, table, doctor, demo         what people see
    preprocessor                          the same verdicts for plain `nbgrader autograde`
"""
