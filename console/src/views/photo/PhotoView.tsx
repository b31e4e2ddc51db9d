import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { deletePhoto, getPhoto, getReadings, reprocess, type StoredPhoto } from '../../api/photos';
import { mayDo, session } from '../../api/session';
import { Button } from '../../components/Button';
import { Dialog, DialogActions } from '../../components/Dialog';
import { Empty } from '../../components/Empty';
import { BackIcon } from '../../components/icons';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { toast } from '../../components/Toast';
import { useWords } from '../../i18n';
import { useAction } from '../../lib/actions';
import { useLoad } from '../../lib/load';
import { useStore } from '../../lib/store';
import { photosTagged, type ViewProps } from '../../routes';
import { Evidence } from './Evidence';
import { FaceList } from './FaceList';
import { PhotoPicture } from './PhotoPicture';
import { PluginsSay } from './PluginsSay';
import { Tags } from './Tags';
import './photo.css';

/** A stored photo: who is in it and why, its tags and phrase, what they came from, and what the plugins say now. */
export function PhotoView({ params }: ViewProps) {
  const { photo: t, photos, shell } = useWords();
  const id = params['id'] ?? '';
  const loaded = useLoad((signal) => getPhoto(id, signal), [id]);
  const readings = useLoad((signal) => getReadings(id, signal), [id]);
  const [active, setActive] = useState<string | null>(null);
  const [version, setVersion] = useState(0);
  const [deleting, setDeleting] = useState(false);
  const action = useAction();
  const mayCurate = mayDo(useStore(session).who?.role, 'curate');
  const photo = loaded.data;
  const back = (
    <a class="back" href="#/photos">
      <BackIcon />
      {t.back}
    </a>
  );
  if (loaded.problem?.status === 404) {
    return (
      <>
        {back}
        <Empty title={t.unknown}>
          <p>{t.unknownWhy}</p>
        </Empty>
      </>
    );
  }
  if (!photo) {
    return (
      <>
        {back}
        {loaded.problem ? <Problem problem={loaded.problem} onRetry={loaded.reload} /> : <Loading />}
      </>
    );
  }
  const again = () =>
    action.run(async () => {
      await reprocess(id);
      toast(t.againDone);
      loaded.reload();
      readings.reload();
      setActive(null);
      setVersion((before) => before + 1);
    });
  return (
    <>
      {back}
      <header class="photo-head">
        <div>
          <h1>{photo.context ?? photos.undescribed}</h1>
          <p class="photo-id">{photo.file_id}</p>
          {photo.tags && photo.tags.length > 0 && (
            <ul class="photo-tags">
              {photo.tags.map((tag) => (
                <li key={tag}>
                  <a class="chip" href={`#${photosTagged(tag)}`}>
                    {tag}
                  </a>
                </li>
              ))}
            </ul>
          )}
        </div>
        {mayCurate && (
          <div class="photo-actions">
            {photo.has_url !== false && (
              <Button busy={action.busy} onClick={() => void again()}>
                {t.again}
              </Button>
            )}
            <Button onClick={() => setDeleting(true)}>{t.delete}</Button>
          </div>
        )}
      </header>
      {loaded.problem && <Problem problem={loaded.problem} onRetry={loaded.reload} />}
      <div class="photo-columns">
        <PhotoPicture key={version} photo={photo} mayFetch={mayCurate} active={active} onActive={setActive} version={version} />
        <div class="photo-facts">
          <FaceList faces={photo.faces} active={active} onActive={setActive} />
          <Tags photo={photo} readings={readings.data} />
          <PluginsSay photo={photo} readings={readings} />
          <Evidence photo={photo} />
        </div>
      </div>
      {deleting && (
        <DeleteDialog photo={photo} cancel={shell.cancel} onClose={() => setDeleting(false)} faces={photos.faces(photo.faces.length)} />
      )}
    </>
  );
}

function DeleteDialog(props: { photo: StoredPhoto; faces: string; cancel: string; onClose(): void }) {
  const { photo: t } = useWords();
  const [, navigate] = useLocation();
  const action = useAction(true);
  const confirm = () =>
    action.run(async () => {
      await deletePhoto(props.photo.file_id);
      props.onClose();
      toast(t.remove.done);
      navigate('/photos');
    });
  return (
    <Dialog title={t.remove.title} onClose={props.onClose}>
      <p>{t.remove.why(props.faces)}</p>
      {action.problem && <Problem problem={action.problem} />}
      <DialogActions>
        <Button onClick={props.onClose}>{props.cancel}</Button>
        <Button kind="danger" busy={action.busy} onClick={() => void confirm()}>
          {t.remove.confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
