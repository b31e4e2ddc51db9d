import type { shell as english } from '../en/shell';
import type { Words } from '../words';

export const shell: Words<typeof english> = {
  product: 'ai-worker',
  skip: 'Langsung ke konten',
  navigation: 'Halaman',
  documentation: 'API',
  language: 'Bahasa',
  theme: 'Tampilan',
  themes: { auto: 'Ikuti sistem', light: 'Terang', dark: 'Gelap' },
  role: { process: 'Boleh memproses foto', curate: 'Boleh mengoreksi data orang', admin: 'Administrator' },
  noKeyAsked: 'Tanpa kunci',
  changeKey: 'Ganti kunci',
  enterKey: 'Masukkan kunci',
  key: {
    title: 'Masukkan kunci Anda',
    why: 'Worker ini meminta kunci. Kunci hanya disimpan di memori tab ini dan hilang saat halaman dimuat ulang.',
    whyMore:
      'Halaman yang Anda lihat tidak memerlukan kunci. Kunci administrator membuka selebihnya. Kunci hanya disimpan di memori tab ini dan hilang saat halaman dimuat ulang.',
    label: 'Kunci',
    open: 'Buka konsol',
    wrong: 'Kunci ini tidak diterima.',
  },
  loading: 'Memuat…',
  more: 'Tampilkan lagi',
  allShown: 'Semua sudah ditampilkan.',
  retry: 'Coba lagi',
  retryIn: (seconds) => `Mencoba lagi dalam ${seconds} dtk`,
  cancel: 'Batal',
  close: 'Tutup',
  undo: 'Urungkan',
  dismiss: 'Tutup',
  copy: 'Salin',
  copied: 'Tersalin',
  notFound: 'Halaman ini tidak ada.',
  toPeople: 'Ke halaman Orang',
  noRight: {
    title: 'Anda tidak berhak melihat halaman ini',
    why: (role) => `Halaman ini memerlukan kunci dengan peran “${role}”.`,
  },
  problem: {
    title: 'Terjadi kendala',
    unreachable: 'Worker tidak menjawab. Apakah worker berjalan dan jaringan tersambung?',
    request: (id) => `Permintaan ${id}`,
  },
  pictureMissing: 'Tidak ada gambar',
  shortcuts: { title: 'Pintasan keyboard', show: 'Tampilkan pintasan ini', go: (view) => `Buka “${view}”` },
};
