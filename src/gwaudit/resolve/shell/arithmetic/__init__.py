"""Shell arithmetic: numbers with bounds, the grammar of expressions, their values."""
