"""The trusted side: runs students' code locked in, reaches verdicts, keeps the gradebook.

Command line: `autograder --help`. The parts, from the inside out:

    landlock, syscalls, seccomp, namespaces, limits, profile, sandbox
                                          the walls round one student process
    wire, crossing                        what may pass between the two sides
    zygote, keeper, student, forbidden    the student's side: who forks it, who watches it, itself
    verdict, judge, session, remote, proxies, gpu
                                          the trusted side and its end of the wire
    source, submission, files, notebook   what is asked, what was handed in, what is given back
    lint, reader, origins, complaints, trial    which test cells are to be rewritten
    worker, crew, cluster, grade          a class: who grades where; a Dask cluster is one place
    writing, printed, journal, record, database, gradebook, held, late
                                          one parent writes: files, our record, nbgrader's tables
    feedback, table, progress, doctor     what people see; sample_class is the demo's
    class_marks, class_statistics         what a class has, for two verbs:
    report, report_parts, report_style, charts    the page on a class
    export, spreadsheet                   marks for other programs
    options, commands                     the verbs
    explain, asserted, letter             a recorded verdict replayed, in words to send
    preprocessor, journaled               the same verdicts for plain `nbgrader autograde`
"""
