"""`python3 -m unittest`: the golden cases, and what they do not show, on the rule alone."""

import json
import unittest
from pathlib import Path
from types import SimpleNamespace

import choosing
from phrases import PHRASES


def load(text: str):
    """JSON with attributes for fields, as the component gets it; a field that was left out is None."""

    class Fields(SimpleNamespace):
        def __getattr__(self, name):
            return None

    return json.loads(text, object_hook=lambda fields: Fields(**fields))


class Choosing(unittest.TestCase):
    def test_golden_cases(self):
        paths = sorted((Path(__file__).parent / "cases").glob("*.json"))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(path.name):
                case = load(path.read_text(encoding="utf-8"))
                self.assertEqual(choosing.choose(case.scene, case.tags)[0], case.expect.phrase)

    def test_phrases_keep_the_contract(self):
        for phrase in PHRASES:
            self.assertTrue(1 <= len(phrase.text) <= 200)
            self.assertFalse(phrase.text.endswith("."))
            self.assertTrue(phrase.tags or phrase.labels, phrase.text)

    def test_labels_are_the_classifier_s(self):
        known = Path(__file__).parent / "../../../models/imagenet-labels.txt"
        names = set(known.read_text(encoding="utf-8").splitlines())
        for phrase in PHRASES:
            self.assertLessEqual(set(phrase.labels), names)


if __name__ == "__main__":
    unittest.main()
