"""How good clusters of faces are, and the clusterings that the worker's are compared with."""

from collections import defaultdict

import numpy as np
from sklearn.cluster import HDBSCAN

# Tried of each clustering: similarities from which two faces are one person or linked, and for HDBSCAN how clusters are
# selected, how many neighbours make a place dense, and how many faces make a cluster.
THRESHOLDS = [round(0.25 + 0.01 * step, 2) for step in range(41)]
DENSITIES = [(method, neighbours, faces) for method in ("eom", "leaf") for neighbours in (1, 2, 3) for faces in (2, 3)]
ROUNDS = 20


def bcubed(clusters, people):
    """Of each face, the share of its cluster that is its person, and of its person that is in its cluster."""
    clusters, people = np.asarray(clusters), np.asarray(people)
    together, same = clusters[:, None] == clusters, people[:, None] == people
    both = (together & same).sum(1)
    return both / together.sum(1), both / same.sum(1)


def f_of(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def clusters_a_person(clusters, people):
    """In how many clusters a person is, the mean over people."""
    return len(set(zip(clusters, people))) / len(set(people))


def nearest_neighbour(similarities, order, threshold):
    """Each face, as it arrives, joins the cluster of the most similar one before it, from a threshold on."""
    clusters = np.empty(len(order), int)
    for count, face in enumerate(order):
        before = order[:count]
        best = before[np.argmax(similarities[face, before])] if count else face
        clusters[face] = clusters[best] if count and similarities[face, best] >= threshold else face
    return clusters


def chinese_whispers(similarities, order, threshold):
    """Biemann 2006: each face in turn takes the cluster that its neighbours speak for most, weighted by similarity."""
    weights = np.where(similarities >= threshold, similarities, 0.0)
    np.fill_diagonal(weights, 0.0)
    clusters = np.arange(len(order))
    for _ in range(ROUNDS):
        before = clusters.copy()
        for face in order:
            votes = np.bincount(clusters, weights[face], len(order))
            if votes.max() > 0:
                clusters[face] = votes.argmax()
        if (clusters == before).all():
            break
    return clusters


def hdbscan(similarities, _, density):
    """Campello et al. 2013 on the distances 1 - similarity; a face that is noise is a cluster of its own."""
    method, neighbours, faces = density
    settings = {"cluster_selection_method": method, "min_samples": neighbours, "min_cluster_size": faces}
    distances = np.clip(1 - similarities, 0, 2)
    found = HDBSCAN(metric="precomputed", copy=True, **settings).fit_predict(distances)
    return np.where(found < 0, len(found) + np.arange(len(found)), found)


CLUSTERINGS = {
    "nearest neighbour": (nearest_neighbour, THRESHOLDS),
    "Chinese Whispers": (chinese_whispers, THRESHOLDS),
    "HDBSCAN": (hdbscan, DENSITIES),
}


def mean_f(clustering, parameter, similarities, people, orders):
    results = [bcubed(clustering(similarities, order, parameter), people) for order in orders]
    return float(np.mean([f_of(precision.mean(), recall.mean()) for precision, recall in results]))


def best(clustering, parameters, similarities, people, orders):
    """The parameter of the highest mean F; of a range of equal ones the middle one."""
    of = defaultdict(list)
    for parameter in parameters:
        of[round(mean_f(clustering, parameter, similarities, people, orders), 4)].append(parameter)
    highest = of[max(of)]
    return highest[len(highest) // 2]
