"""Lists, tuples, dicts and sets: their items, operators, subscripts and changes."""
