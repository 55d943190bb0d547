import { TriangleAlert } from 'lucide-react';
import type { SettingsPatch } from '../../contract/settings.ts';
import { useServices, useSettings } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useStore } from '../ui/store.ts';
import { TextSetting } from './TextSetting.tsx';

/** What this installation is, and the FFmpeg it uses. */
export function AboutSection({ onSave }: { onSave: (patch: SettingsPatch) => void }) {
  const { environment } = useServices();
  const view = useStore(environment);
  const { ffmpegPath } = useSettings();
  return (
    <>
      {view.kind === 'loading' ? <div className="skeleton about-skeleton" role="status" aria-label="Looking" /> : null}
      {view.kind === 'failed' ? <ErrorNotice error={view.error} onHelp={() => void environment.load()} /> : null}
      {view.kind === 'ready' ? (
        <dl className="facts selectable">
          <dt>Tallylight</dt>
          <dd>
            Version {view.environment.version} on {view.environment.platform}
          </dd>
          <dt>FFmpeg</dt>
          <dd>
            {view.environment.ffmpeg.kind === 'found' ? (
              <>
                Version {view.environment.ffmpeg.version} ({view.environment.ffmpeg.source})
                <br />
                <span className="small quiet">{view.environment.ffmpeg.path}</span>
              </>
            ) : (
              <span className="field-error" role="alert">
                <TriangleAlert className="icon" aria-hidden />
                {view.environment.ffmpeg.message}
              </span>
            )}
          </dd>
        </dl>
      ) : null}
      <TextSetting
        name="ffmpegPath"
        label="Path of FFmpeg"
        help="Which FFmpeg makes the finished files. Empty: the one that comes with the app, else the system's."
        placeholder="Found by itself"
        value={ffmpegPath}
        onSave={(patch) => {
          onSave(patch);
        }}
      />
      <div>
        <Button look="outline" onClick={() => void environment.load()}>
          Check again
        </Button>
      </div>
    </>
  );
}
