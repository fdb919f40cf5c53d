"""Pictures of graphs with nothing to install.

look     the visual language, as a table
letters  the words and numbers in a picture
layout   where boxes, frames and lines go
picture  from a graph to boxes, frames and lines
pen      from these to SVG
"""
from .pen import describe, dot, svg

__all__ = ['describe', 'dot', 'svg']
