import { LoaderCircle } from 'lucide-react';
import { useRef } from 'react';
import type { ControlStatus } from '../../contract/control.ts';
import type { SettingsPatch } from '../../contract/settings.ts';
import { useServices, useSettings } from '../app/services.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useStore } from '../ui/store.ts';
import { ControlAccess } from './ControlAccess.tsx';
import { checkControlPort } from './control-port.ts';
import { CONTROL_ARGUMENT, controlFailure, controlLine } from './control-words.ts';
import { NumberSetting } from './NumberSetting.tsx';
import { SwitchSetting } from './SwitchSetting.tsx';

/** Whether programs on this computer may use the app, where they find it, and with what. */
export function AutomationSection({ onSave }: { onSave: (patch: SettingsPatch) => void }) {
  const { control } = useServices();
  const settings = useSettings();
  const view = useStore(control);
  const portRef = useRef<HTMLDivElement>(null);
  const status = view.kind === 'ready' ? view.status : null;
  const byArgument = status?.byArgument ?? false;
  const lockedBy = byArgument ? CONTROL_ARGUMENT : null;
  // The number of an argument that did not work is not known here; the error says it.
  const port = byArgument ? (status?.port ?? null) : settings.controlPort;
  return (
    <>
      <SwitchSetting
        name="controlEnabled"
        label="Let programs on this computer use Tallylight"
        help="Scripts, stream decks and room controllers can then do what you can do here. Other computers cannot reach it."
        lockedBy={lockedBy}
        checked={byArgument || settings.controlEnabled}
        onChange={(controlEnabled) => onSave({ controlEnabled })}
      />
      {port === null ? null : (
        <div ref={portRef}>
          <NumberSetting
            name="controlPort"
            label="Port"
            help="Where programs find it. 0: a free one at each start."
            lockedBy={lockedBy}
            shown={String(port)}
            check={checkControlPort}
            onSave={onSave}
          />
        </div>
      )}
      {view.kind === 'loading' ? <div className="skeleton about-skeleton" role="status" aria-label="Looking" /> : null}
      {view.kind === 'failed' ? <ErrorNotice error={view.error} onHelp={() => void control.load()} /> : null}
      {status === null ? null : (
        <ControlState
          status={status}
          onOtherPort={() => portRef.current?.querySelector('input')?.focus()}
          // Main opens the port as the settings say whenever they are saved.
          onRetry={() => onSave({ controlEnabled: true })}
        />
      )}
      {status?.state === 'on' ? <ControlAccess file={status.file} /> : null}
      <section className="settings-part" aria-label="Command line">
        <h3>Command line</h3>
        <p className="small quiet">
          The same from a terminal; it finds the token by itself. <code className="selectable">tallylight --help</code>{' '}
          lists what it can do.
        </p>
      </section>
    </>
  );
}

type ControlStateProps = { status: ControlStatus; onOtherPort: () => void; onRetry: () => void };

function ControlState({ status, onOtherPort, onRetry }: ControlStateProps) {
  const failure = controlFailure(status);
  const line = controlLine(status);
  return (
    <>
      <p className="control-line selectable figures" data-state={status.state} role="status">
        {status.state === 'starting' ? <LoaderCircle className="icon spin" aria-hidden /> : null}
        {status.state === 'on' ? <span className="control-dot" aria-hidden /> : null}
        <span>
          {line}
          {status.byArgument && status.state === 'on' ? (
            <>
              {' '}
              Turned on for this run by <code>{CONTROL_ARGUMENT}</code>.
            </>
          ) : null}
        </span>
      </p>
      {failure === null || status.error === null ? null : (
        <ErrorNotice
          error={status.error}
          words={failure}
          onHelp={({ kind }) => (kind === 'settings' ? onOtherPort() : onRetry())}
        />
      )}
    </>
  );
}
