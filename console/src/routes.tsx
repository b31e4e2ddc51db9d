/** Every view with its address after `#`, and the role that its calls ask for. */
import type { ComponentType } from 'preact';
import type { RoleName } from './api/people-types';
import type { Messages } from './i18n';
import { toSegment } from './lib/segments';
import { HealthView } from './views/health/HealthView';
import { PairsView } from './views/pairs/PairsView';
import { PeopleView } from './views/people/PeopleView';
import { PersonView } from './views/person/PersonView';
import { PhotoView } from './views/photo/PhotoView';
import { PhotosView } from './views/photos/PhotosView';
import { PluginsView } from './views/plugins/PluginsView';
import { TryView } from './views/try/TryView';

export interface ViewProps {
  /** The parts of the address that the pattern names, decoded. */
  params: Record<string, string>;
}

export interface Route {
  pattern: string;
  view: ComponentType<ViewProps>;
  title(words: Messages): string;
  role: RoleName;
  /** In the navigation, and the key after `g` that leads there. */
  key?: string;
}

export const routes: readonly Route[] = [
  { pattern: '/people', view: PeopleView, title: (t) => t.people.title, role: 'process', key: 'p' },
  { pattern: '/people/:id', view: PersonView, title: (t) => t.person.title, role: 'process' },
  { pattern: '/pairs', view: PairsView, title: (t) => t.pairs.title, role: 'curate', key: 's' },
  { pattern: '/photos', view: PhotosView, title: (t) => t.photos.title, role: 'process', key: 'f' },
  { pattern: '/photos/tagged/:tag', view: PhotosView, title: (t) => t.photos.title, role: 'process' },
  { pattern: '/photos/of/:person', view: PhotosView, title: (t) => t.photos.title, role: 'process' },
  { pattern: '/photos/:id', view: PhotoView, title: (t) => t.photo.title, role: 'process' },
  { pattern: '/try', view: TryView, title: (t) => t.tryPhoto.title, role: 'curate', key: 't' },
  { pattern: '/plugins', view: PluginsView, title: (t) => t.plugins.title, role: 'admin', key: 'l' },
  { pattern: '/health', view: HealthView, title: (t) => t.health.title, role: 'process', key: 'h' },
];

/** The address of a view, for links. */
export const personLink = (clusterId: string) => `/people/${toSegment(clusterId)}`;
export const photoLink = (fileId: string) => `/photos/${toSegment(fileId)}`;
export const photosTagged = (tag: string) => `/photos/tagged/${toSegment(tag)}`;
export const photosOf = (clusterId: string) => `/photos/of/${toSegment(clusterId)}`;
