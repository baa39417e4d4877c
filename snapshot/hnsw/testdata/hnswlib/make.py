#!/usr/bin/python3
# Makes the index files in this folder with the real hnswlib: Debian's
# python3-hnswlib 0.6.2-2+deb12u1 with python3-numpy, on amd64. Seeds and a
# single thread make it deterministic; vectors are in small steps, so that they
# do not depend on rounding.
#
#   apt-get install -y python3-hnswlib python3-numpy
#   /usr/bin/python3 make.py
import os
import random

import hnswlib
import numpy

HERE = os.path.dirname(os.path.abspath(__file__))


def vectors(count, dim, seed):
    pick = random.Random(seed)
    return numpy.array(
        [[pick.randrange(64) / 64 for _ in range(dim)] for _ in range(count)],
        dtype=numpy.float32,
    ).reshape(count, dim)


def index(dim, max_elements, m):
    made = hnswlib.Index(space="l2", dim=dim)
    made.init_index(max_elements=max_elements, M=m, ef_construction=50, random_seed=7)
    return made


def add(to, first, count, dim):
    if count:
        to.add_items(vectors(count, dim, first), range(first, first + count), num_threads=1)


def save(made, name):
    made.save_index(os.path.join(HERE, name))


# No element: the smallest file there is.
save(index(4, 10, 4), "empty.idx")

one = index(4, 10, 4)
add(one, 0, 1, 4)
save(one, "one.idx")

# M = 4 puts a quarter of the elements on each next level.
levels = index(4, 500, 4)
add(levels, 0, 500, 4)
save(levels, "levels.idx")

# A mark is a bit of the third byte of an element's list on level 0.
deleted = index(4, 40, 4)
add(deleted, 0, 40, 4)
for label in range(0, 40, 3):
    deleted.mark_deleted(label)
save(deleted, "deleted.idx")

# Full, then with room for more, of which some is used.
resized = index(2, 20, 3)
add(resized, 0, 20, 2)
resized.resize_index(64)
add(resized, 20, 10, 2)
save(resized, "resized.idx")
