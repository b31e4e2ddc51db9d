"""What a school's archive files its photos under."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class People:
    """The faces of a photo."""

    total: int
    # Of a known age. Apparent ages are off by years, so the years between count as neither.
    young: int
    grown: int

    def all_young(self) -> bool:
        return 0 < self.young and self.grown == 0

    def all_grown(self) -> bool:
        return 0 < self.grown and self.young == 0


@dataclass(frozen=True)
class Phrase:
    """A phrase and what speaks for it: the surest of the tags, or the classifier's labels, weighted and summed."""

    text: str
    tags: frozenset[str] = frozenset()
    labels: dict[str, float] = field(default_factory=dict)
    # With whom it can be said. Such a phrase says more and goes before one that holds for anybody.
    people: Callable[[People], bool] | None = None


def tags(*names: str) -> frozenset[str]:
    return frozenset(names)


FLAG = {"flagpole": 1.0}
GRADUATION = {"mortarboard": 1.0, "academic gown": 1.0}
CLASSROOM = {"desk": 0.5, "pencil box": 0.8, "rubber eraser": 0.7, "rule": 0.6, "abacus": 0.8, "pencil sharpener": 0.8}
LABORATORY = {"beaker": 1.0, "petri dish": 1.0, "lab coat": 0.8}
LIBRARY = {"library": 1.0, "bookcase": 0.8, "bookshop": 0.8}
COMPUTERS = {"desktop computer": 0.9, "monitor": 0.8, "computer keyboard": 0.8, "laptop": 0.7, "mouse": 0.6, "screen": 0.6}
BAND = {"drum": 0.9, "bearskin": 0.9, "cornet": 0.9, "trombone": 0.9, "french horn": 0.9, "drumstick": 0.7}
MUSIC = {"acoustic guitar": 1.0, "electric guitar": 0.9, "violin": 1.0, "flute": 1.0, "marimba": 1.0, "grand piano": 0.9, "gong": 0.9}
STAGE = {"stage": 1.0, "theater curtain": 0.9, "microphone": 0.4}
CLEANING = {"broom": 0.9, "bucket": 0.5, "shovel": 0.5}


def somebody(people: People) -> bool:
    return people.total > 0


def nobody(people: People) -> bool:
    return people.total == 0


# Of equally sure phrases the first is taken, so the particular stands before the general.
PHRASES = [
    # Ceremonies
    Phrase("Upacara bendera yang diikuti para siswa", tags("flag ceremony"), FLAG, lambda p: p.total >= 3 and p.all_young()),
    Phrase("Upacara bendera", tags("flag ceremony")),
    Phrase("Upacara bendera", labels=FLAG, people=lambda p: p.total >= 3),
    Phrase("Tiang bendera di halaman sekolah", labels=FLAG),
    Phrase("Foto bersama para wisudawan", tags("graduation"), GRADUATION, lambda p: p.total >= 3),
    Phrase("Potret seorang wisudawan", tags("graduation"), GRADUATION, lambda p: p.total == 1),
    Phrase("Wisuda", tags("graduation"), GRADUATION),
    Phrase("Penyerahan piala kepada para siswa", tags("award ceremony", "trophy"), people=lambda p: p.young >= 2),
    Phrase("Penyerahan penghargaan", tags("award ceremony")),
    # Lessons
    Phrase("Praktikum di laboratorium sekolah", tags("laboratory"), LABORATORY, somebody),
    Phrase("Peralatan laboratorium sekolah", tags("laboratory"), LABORATORY),
    Phrase("Siswa membaca di perpustakaan", tags("library"), LIBRARY, lambda p: p.all_young()),
    Phrase("Perpustakaan sekolah", tags("library"), LIBRARY),
    Phrase("Pelajaran komputer", tags("computer"), COMPUTERS, lambda p: p.all_young()),
    Phrase("Kegiatan belajar di kelas", tags("classroom"), CLASSROOM, somebody),
    Phrase("Ruang kelas yang kosong", tags("classroom"), CLASSROOM, nobody),
    # Extracurricular activities
    Phrase("Ekstrakurikuler bola basket", tags("basketball"), {"basketball": 1.0}),
    Phrase("Ekstrakurikuler sepak bola", tags("football"), {"soccer ball": 1.0}),
    Phrase("Ekstrakurikuler bola voli", tags("volleyball"), {"volleyball": 1.0}),
    Phrase("Ekstrakurikuler bulu tangkis", tags("badminton")),
    Phrase("Ekstrakurikuler drumben", tags("parade"), BAND, somebody),
    Phrase("Ekstrakurikuler musik", tags("music"), MUSIC),
    Phrase("Ekstrakurikuler tari", tags("dance", "traditional dress"), people=lambda p: p.young >= 1),
    Phrase("Perkemahan pramuka", tags("camping"), {"mountain tent": 1.0}),
    Phrase("Kegiatan olahraga", tags("sport", "running", "swimming")),
    Phrase("Pentas seni sekolah", tags("stage", "concert"), STAGE, somebody),
    # Staff
    Phrase("Rapat guru", tags("meeting", "conference"), people=lambda p: p.total >= 2 and p.all_grown()),
    Phrase("Rapat di sekolah", tags("meeting", "conference")),
    Phrase("Pelatihan guru", tags("training"), people=lambda p: p.all_grown()),
    # The rest of a school's life
    Phrase("Salat berjemaah", tags("prayer"), {"prayer rug": 1.0}, lambda p: p.total >= 2),
    Phrase("Makan bersama di sekolah", tags("meal"), people=lambda p: p.total >= 2),
    Phrase("Kerja bakti membersihkan sekolah", tags("community service"), CLEANING, somebody),
    Phrase("Bus sekolah", tags("bus"), {"school bus": 1.0}),
    Phrase("Foto bersama para siswa", tags("group photo"), people=lambda p: p.total >= 3 and p.all_young()),
    Phrase("Foto bersama", tags("group photo")),
    Phrase("Gedung sekolah", tags("school"), people=nobody),
    Phrase("Kegiatan di sekolah", tags("school")),
]
