"""The net builder: a net put together by hand, as a picture and as code at the same time.

    blocks     the table of blocks: their settings, ranges and help
    shapes     what each block makes of a shape, and what it costs
    net        a net as a tree of blocks, changed one step at a time, with undo and redo
    check      a whole net looked through: shapes on every edge, and what does not fit
    repair     what would help a block that does not fit
    writing    a net as the code of a Chain
    weave      what has happened to x on its way through a net, as blocks and branches
    from_link  a link that exists already as a net: one run is watched
    reading    the code of a Chain as a net: it is gone through in thought and never run
               (syntax, plain, objects, follow, calls, functions, flow: from its text to x)
    data       data sets to choose from, and the student's own
    draft      the net, its data and what was done, behind the widget
    view       all that the front end shows of a draft
    widget     NetBuilder itself
"""
