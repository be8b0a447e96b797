"""How fast the product is at a size that a large force might reach: a generator of rows and measurements of pages.

Not part of the product: nothing imports it.
"""
