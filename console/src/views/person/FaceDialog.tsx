import { faceThumbnail, getFace } from '../../api/people';
import type { PersonFace } from '../../api/people-types';
import { Button } from '../../components/Button';
import { Dialog, DialogActions } from '../../components/Dialog';
import { Loading } from '../../components/Loading';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { percent, time } from '../../i18n/format';
import { useLoad } from '../../lib/load';
import { personLink, photoLink } from '../../routes';

interface Props {
  face: PersonFace;
  representative: boolean;
  mayCurate: boolean;
  busy: boolean;
  onClose(): void;
  onStep(step: 1 | -1): void;
  hasStep(step: 1 | -1): boolean;
  onSplit(): void;
  onMove(): void;
  onReject(): void;
  onRepresent(): void;
}

/** One face, large, with the reason why it is where it is. */
export function FaceDialog(props: Props) {
  const { face, mayCurate, busy } = props;
  const words = useWords();
  const { person: t } = words;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step !== 0 && props.hasStep(step)) props.onStep(step);
  };
  return (
    <Dialog title={t.detail.title} onClose={props.onClose} wide>
      <div class="face-dialog" onKeyDown={onKeyDown}>
        <div class="face-large">
          <Picture path={faceThumbnail(face.face_id)} alt={t.face.name(face.face_id)} />
          <div class="face-steps">
            <Button small disabled={!props.hasStep(-1)} onClick={() => props.onStep(-1)} hint="←">
              {t.detail.previous}
            </Button>
            <Button small disabled={!props.hasStep(1)} onClick={() => props.onStep(1)} hint="→">
              {t.detail.next}
            </Button>
          </div>
        </div>
        <div class="face-facts">
          <dl class="facts">
            <div>
              <dt>{t.detail.photo}</dt>
              <dd>
                <a href={`#${photoLink(face.file_id)}`}>{face.file_id}</a>
              </dd>
            </div>
            {face.similarity != null && (
              <div>
                <dt>{t.face.fit}</dt>
                <dd>{percent(face.similarity)}</dd>
              </div>
            )}
            <div>
              <dt>{t.detail.quality}</dt>
              <dd>{percent(face.quality)}</dd>
            </div>
            <div>
              <dt>{t.detail.confidence}</dt>
              <dd>{percent(face.confidence)}</dd>
            </div>
          </dl>
          <Why faceId={face.face_id} />
        </div>
      </div>
      {mayCurate && (
        <DialogActions>
          {!props.representative && (
            <Button busy={busy} onClick={props.onRepresent}>
              {t.represent}
            </Button>
          )}
          <Button busy={busy} onClick={props.onReject}>
            {t.reject}
          </Button>
          <Button disabled={busy} onClick={props.onMove}>
            {t.move}
          </Button>
          <Button kind="primary" busy={busy} onClick={props.onSplit}>
            {t.split}
          </Button>
        </DialogActions>
      )}
    </Dialog>
  );
}

function Why({ faceId }: { faceId: string }) {
  const { person: t } = useWords();
  const loaded = useLoad((signal) => getFace(faceId, signal), [faceId]);
  if (loaded.problem) return <Problem problem={loaded.problem} onRetry={loaded.reload} />;
  if (!loaded.data) return <Loading />;
  const { decision } = loaded.data;
  return (
    <section class="why">
      <h3>{t.detail.why}</h3>
      {decision === null ? (
        <p class="muted">{t.detail.unknown}</p>
      ) : (
        <>
          <p>
            <strong>{t.detail.by[decision.decided_by]}</strong>: {decision.reason}
          </p>
          <p class="muted small">
            {t.detail.when}: {time(decision.at)} · {t.detail.threshold} {percent(decision.threshold)}
          </p>
          {decision.neighbours.length > 0 && (
            <>
              <h3>{t.detail.neighbours}</h3>
              <ul class="neighbours">
                {decision.neighbours.map((neighbour) => (
                  <li key={neighbour.face_id}>
                    <a href={`#${personLink(neighbour.cluster_id)}`}>
                      <Picture
                        path={faceThumbnail(neighbour.face_id)}
                        alt={t.detail.neighbour(percent(neighbour.similarity))}
                      />
                      <span class="neighbour-fit">{percent(neighbour.similarity)}</span>
                      <PersonTag id={neighbour.cluster_id} />
                      {neighbour.same_photo && <span class="small">{t.detail.samePhoto}</span>}
                    </a>
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </section>
  );
}
