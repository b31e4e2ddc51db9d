// What a wedding photographer sorts by.
//
//   tag      what the album shows; an Indonesian word where the trade has no other
//   prompts  sentences for a text-image model; the best cosine counts as it is
//   needs    groups of classifier labels (models/imagenet-labels.txt) with how surely each means the tag; of every
//            group something must be seen
//   unless   people with whom the labels mean something else
//   faces    people with whom the tag holds, worth `score`; where `seen` stands, only when its labels sum to `least`
//
// The classifier knows no "wedding", but it knows a groom (its class shows couples), a gown and an altar. People say
// what the labels cannot: three women beside a gown are bridesmaids, anywhere else they are three women.

const wedding = { groom: 1, gown: 0.8, hoopskirt: 0.8, overskirt: 0.6, altar: 0.4, "bow tie": 0.2, stole: 0.2 };
const rite = { "prayer rug": 1, mosque: 0.9, altar: 0.9, church: 0.8, vestment: 0.7, "fountain pen": 0.6, "book jacket": 0.4 };
const dais = { throne: 1, "theater curtain": 0.8, stage: 0.7, velvet: 0.6, "studio couch": 0.5, pedestal: 0.4 };
const table = { plate: 0.9, "dining table": 0.9, tray: 0.7, "hot pot": 0.7, goblet: 0.6, restaurant: 0.8, "soup bowl": 0.6 };
const party = { ...table, stage: 0.6, microphone: 0.6, "red wine": 0.7, balloon: 0.5, palace: 0.5, "folding chair": 0.6 };

export const vocabulary = [
  {
    tag: "akad",
    prompts: ["a photo of a muslim marriage contract ceremony", "a photo of a couple saying their wedding vows"],
    needs: [wedding, rite],
  },
  {
    tag: "pelaminan",
    prompts: ["a photo of a bride and groom sitting on a decorated wedding dais"],
    needs: [wedding, dais],
  },
  {
    tag: "resepsi",
    prompts: ["a photo of a wedding reception"],
    needs: [wedding, party],
    faces: { when: ({ total }) => total >= 12, seen: wedding, least: 0.1, score: 0.5 },
  },
  {
    tag: "bridesmaids",
    prompts: ["a photo of a bride with her bridesmaids"],
    faces: {
      when: ({ posing, women, men, children }) => posing >= 3 && women >= 3 && men + children === 0,
      seen: wedding,
      least: 0.1,
      score: 0.7,
    },
  },
  {
    tag: "groomsmen",
    prompts: ["a photo of a groom with his groomsmen"],
    faces: {
      when: ({ posing, women, men, children }) => posing >= 3 && men >= 3 && women + children === 0,
      seen: { ...wedding, suit: 0.5, "windsor tie": 0.5 },
      least: 0.1,
      score: 0.7,
    },
  },
  {
    tag: "couple portrait",
    prompts: ["a portrait of a bride and a groom"],
    faces: {
      when: ({ posing, total, women, men }) => posing === 2 && total <= 3 && women === 1 && men === 1,
      seen: wedding,
      least: 0.1,
      score: 0.8,
    },
  },
  {
    tag: "family portrait",
    prompts: ["a family portrait at a wedding"],
    faces: {
      when: ({ posing, total, children, elderly, women, men }) =>
        posing >= 3 && total <= 15 && children + elderly > 0 && women + men > 0,
      score: 0.6,
    },
  },
  {
    tag: "group portrait",
    prompts: ["a group portrait of wedding guests"],
    faces: { when: ({ posing }) => posing >= 4, score: 0.7 },
  },
  {
    tag: "close-up",
    prompts: ["a close-up portrait of a bride"],
    faces: { when: ({ posing, closeness }) => posing === 1 && closeness >= 0.12, score: 0.6 },
  },
  {
    tag: "make-up",
    prompts: ["a photo of a bride having her make-up done"],
    needs: [{ lipstick: 1, "face powder": 1, "hair spray": 0.9, perfume: 0.5, "hair slide": 0.5 }],
    unless: ({ total }) => total > 4,
  },
  { tag: "gown", prompts: ["a photo of a wedding dress"], needs: [{ gown: 1, hoopskirt: 1, overskirt: 0.9 }] },
  {
    tag: "busana adat",
    prompts: ["a photo of a couple in traditional indonesian wedding clothes"],
    needs: [{ sarong: 0.9, stole: 0.4, velvet: 0.3 }],
    unless: ({ total }) => total === 0,
  },
  {
    tag: "cake",
    prompts: ["a photo of a wedding cake"],
    needs: [{ trifle: 0.9, confectionery: 0.6, bakery: 0.6, "chocolate sauce": 0.6, "ice cream": 0.4 }],
  },
  {
    tag: "bouquet",
    prompts: ["a photo of a bridal bouquet"],
    needs: [{ daisy: 0.9, "yellow lady's slipper": 0.8, vase: 0.6, pot: 0.4, hip: 0.4, cardoon: 0.3 }],
  },
  {
    tag: "decoration",
    prompts: ["a photo of wedding decorations without people"],
    needs: [{ candle: 0.9, vase: 0.8, balloon: 0.8, "theater curtain": 0.6, lampshade: 0.5, "table lamp": 0.4, pedestal: 0.5 }],
    unless: ({ total }) => total > 2,
  },
  { tag: "catering", prompts: ["a photo of a buffet at a wedding"], needs: [table] },
  {
    tag: "entertainment",
    prompts: ["a photo of a singer at a wedding", "a photo of a band at a party"],
    needs: [
      {
        microphone: 0.9, "acoustic guitar": 0.9, "electric guitar": 0.9, drum: 0.9, violin: 0.9, cello: 0.9,
        "grand piano": 0.9, sax: 0.9, accordion: 0.9, gong: 0.9, loudspeaker: 0.5,
      },
    ],
  },
  {
    tag: "wedding car",
    prompts: ["a photo of a decorated wedding car"],
    needs: [{ limousine: 0.9, convertible: 0.6, "model t": 0.7 }],
  },
  {
    tag: "details",
    prompts: ["a close-up of wedding rings", "a photo of bridal shoes"],
    needs: [{ necklace: 0.9, perfume: 0.8, sandal: 0.7, clog: 0.5, loafer: 0.6, "hair slide": 0.8, envelope: 0.7, buckle: 0.5 }],
    unless: ({ total }) => total > 0,
  },
  { tag: "wedding", prompts: ["a photo of a wedding"], needs: [wedding] },
];
