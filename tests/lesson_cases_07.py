"""Answers to the exercises of lesson 07, and what their checkers say of them."""
import minichain.functions as F
import numpy as np
from minichain.data import Tree
from minichain.data.language import join


def built(too_long=1, not_too_long=3, rest=3):
    inner = Tree(too_long, left=Tree(2, 'too'), right=Tree(2, 'long'))
    inner = Tree(not_too_long, left=Tree(2, 'not'), right=inner)
    inner = Tree(rest, left=Tree(2, 'was'), right=inner)
    return Tree(rest, left=Tree(2, 'it'), right=inner)


def fill(numbers, size, dtype='float32'):
    bag = np.zeros(size, dtype)
    for number in numbers:
        bag[number] += 1
    return bag


def share(numbers, size):
    return fill(numbers, size) / np.float32(max(len(numbers), 1))


def depth(tree, choose=max, leaf=0):
    if tree.word is not None:
        return leaf
    return 1 + choose(depth(tree.left, choose, leaf), depth(tree.right, choose, leaf))


def climb(tree, net, swap=False, data=False):
    waiting = []
    for node in tree.nodes():
        if node.word is not None:
            waiting.append(net.word(node.word))
        else:
            right, left = waiting.pop(), waiting.pop()
            left = left.data if data else left
            waiting.append(net.pair(right, left) if swap else net.pair(left, right))
    return waiting.pop()


def climb_in_order(tree, net):
    vector = net.word(tree.words[0])
    for word in tree.words[1:]:
        vector = net.pair(vector, net.word(word))
    return vector


def climb_by_recursion(tree, net):
    def climb_a_part(part):
        if part.word is not None:
            return net.word(part.word)
        return net.pair(climb_a_part(part.left), climb_a_part(part.right))
    return climb_a_part(tree)


def climb_twice(tree, net):
    return climb(tree, net) + climb(tree, net) * 0


NO_RESULT = ('… Not yet. Your function does not return a result yet. Its last line should be '
             'return, followed by the result.')
NOT_YET = '… Not yet. Your answer goes into the cell above. Then run this cell again.'

CASES = [
    ('07.1', lambda: ..., NOT_YET),
    ('07.1', built, '✓ Right. 9 places, joined as the grammar joins them, and the whole is '
                    'positive.'),
    ('07.1', lambda: built(not_too_long=1),
     '≈ Nearly. The places are right, the labels not all: "not too long" has 1. Read the five '
     'rules again.'),
    ('07.1', lambda: join(join('it', 'was'), join('not', join('too', 'long'))),
     '≈ Nearly. The words are right, but you join them as ((it was) (not (too long))). Wanted is '
     '(it (was (not (too long)))).'),
    ('07.1', lambda: join('it', join('was', join('not', 'long'))),
     '✗ Not right. The words of your tree are "it was not long", wanted are "it was not too '
     'long".'),
    ('07.1', lambda: Tree(9, left=Tree(9, 'it'), right=Tree(9, left=Tree(9, 'was'), right=Tree(
        9, left=Tree(9, 'not'), right=join('too', 'long')))),
     '✗ Not right. The places are right, but most labels are not: "it" has 9, "was" has 9, "not" '
     'has 9, "not too long" has 9, "was not too long" has 9, "it was not too long" has 9. 2 is '
     'neutral, 1 negative, 3 positive.'),
    ('07.1', lambda: '(3 it (3 was ...))',
     '✗ Not right. my_tree should be a Tree, built of Trees, each with a number as its label. What '
     'came is a text in quotation marks.'),

    ('07.2', lambda: lambda numbers, size: ..., NO_RESULT),
    ('07.2', lambda: fill, '✓ Right. All five bags are filled as they should be.'),
    ('07.2', lambda: lambda numbers, size: np.minimum(fill(numbers, size), 1),
     '≈ Nearly. For the words [2, 9, 2] and the size 10, the bag says which words are there. It '
     'should say how often: [0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]. Add 1 each time, '
     'with +=.'),
    ('07.2', lambda: share,
     '≈ Nearly. For the words [2, 9, 2] and the size 10, the bag holds shares that add up to 1. '
     'Counts are wanted: [0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0].'),
    ('07.2', lambda: lambda numbers, size: fill(numbers, size, 'float64'),
     '≈ Nearly. The values are right. But for the words [2, 9, 2] and the size 10, the bag has '
     'dtype float64, wanted is float32. Say it when you make the array: np.zeros(shape, '
     'dtype="float32").'),
    ('07.2', lambda: lambda numbers, size: numbers,
     '✗ Not right. For the words [2, 9, 2] and the size 10, the bag has shape (3,), wanted is '
     '(10,).'),

    ('07.3', lambda: lambda tree: ..., NO_RESULT),
    ('07.3', lambda: depth,
     '✓ Right. The depth is right for single words, short trees and long reviews.'),
    ('07.3', lambda: lambda tree: depth(tree, leaf=1),
     '≈ Nearly. For "film" you return 1, the longest way is 0. You are one too large everywhere: a '
     'single word has depth 0.'),
    ('07.3', lambda: lambda tree: len(tree.words) - 1,
     '≈ Nearly. For "the middle was terrible" you return 3, the longest way is 2. That is how '
     'many joins there are in all. Take the longer of the two ways, with max, not both.'),
    ('07.3', lambda: lambda tree: depth(tree, min),
     '≈ Nearly. For "not very good" you return 1, the longest way is 2. You found the shortest '
     'way. Take the longer of the two, with max.'),
    ('07.3', lambda: lambda tree: 5,
     '✗ Not right. For "film" you return 5, the longest way is 0. Draw the tree of "not very '
     'good", and count the joins above "good".'),

    ('07.4', lambda: lambda tree, net: ..., NO_RESULT),
    ('07.4', lambda: climb,
     '✓ Right. Vectors, graphs and gradients are those of the recursive climb.'),
    ('07.4', lambda: lambda tree, net: climb(tree, net, swap=True),
     '≈ Nearly. You swap left and right. What was put into the list last comes out first: that is '
     'the right part.'),
    ('07.4', lambda: climb_in_order,
     '≈ Nearly. You join the words from left to right. The tree says who belongs together: join '
     'when tree.nodes() comes to a place that is no leaf.'),
    ('07.4', lambda: climb_by_recursion,
     '≈ Nearly. The vector of "not good" is right, but your function calls itself. Here the '
     'climb is wanted as one loop: for node in tree.nodes().'),
    ('07.4', lambda: climb_twice,
     '≈ Nearly. The vector of "not good" is right, but its graph holds 12 operations, where 5 are '
     'enough. Compute each place once.'),
    ('07.4', lambda: lambda tree, net: climb(tree, net, data=True),
     '≈ Nearly. The vector of "not good" is right, but not its gradient: part of its graph is '
     'missing, 6 nodes are left. Do not use .data.'),
    ('07.4', lambda: lambda tree, net: climb(tree, net).data,
     '≈ Nearly. The vector of "not good" is a plain number, so nothing was recorded. Compute with '
     'the Variable itself, not with its .data.'),
    ('07.4', lambda: lambda tree, net: F.tanh(climb(tree, net)),
     '✗ Not right. The shape is right, the values are not: the largest difference is 0.113 at '
     'place [0, 1] (you have -0.632, wanted is -0.7447).'),
]
