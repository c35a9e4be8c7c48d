"""Question types, one a module, pure: no Flask, no database, no clock, no chance of their own.

The door is `lms.items.registry`: `parse_item(table) -> Item` (raises `ItemFaults`) and `TYPES`.
An `Item` (see `lms.items.base`) then does the rest:

    order = item.shuffled(seed)         # ids in the order one person sees; keep it with her answer
    item.present("zh", order)           # what a browser may have: no key, weight, feedback, ids
    item.fill(order, response)          # posted values that show an earlier response again
    item.read(order, values)            # posted values -> JSON value or None; raises BadResponse
    item.score(response)                # exact Fraction 0..1 (a third is no decimal)
    item.explain("zh", order, response) # what was right and why: only where the rules allow
    item.as_dict()                      # the table again; parse_item(item.as_dict()) == item
"""
