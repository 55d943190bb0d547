import { CircleHelp, Cloud, HardDrive, Mic, Wifi, Workflow } from 'lucide-react';
import { useNavigate } from '../app/services.ts';
import type { SettingsSection } from '../app/route.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { PageHeader } from '../ui/PageHeader.tsx';
import { AboutSection } from './AboutSection.tsx';
import { AutomationSection } from './AutomationSection.tsx';
import { CallSection } from './CallSection.tsx';
import { CloudSection } from './CloudSection.tsx';
import { DevicesSection } from './DevicesSection.tsx';
import { OverrideProblems } from './OverrideProblems.tsx';
import { RecordingSection } from './RecordingSection.tsx';
import { useSave } from './use-save.ts';
import './settings.css';

const sections = [
  { id: 'devices', label: 'Devices', icon: Mic, body: DevicesSection },
  { id: 'recording', label: 'Recording', icon: HardDrive, body: RecordingSection },
  { id: 'cloud', label: 'Cloud', icon: Cloud, body: CloudSection },
  { id: 'call', label: 'Call', icon: Wifi, body: CallSection },
  { id: 'automation', label: 'Automation', icon: Workflow, body: AutomationSection },
  { id: 'about', label: 'About', icon: CircleHelp, body: AboutSection },
] as const;

/** The settings, saved as they are changed. */
export function Settings({ section }: { section: SettingsSection }) {
  const navigate = useNavigate();
  const { save, error, clearError } = useSave();
  const shown = sections.find((entry) => entry.id === section) ?? sections[0];
  const Body = shown.body;
  return (
    <main className="page">
      <PageHeader title="Settings" onBack={() => navigate({ kind: 'back' })} />
      <div className="settings">
        <nav className="settings-nav" aria-label="Settings sections">
          {sections.map(({ id, label, icon: Icon }) => (
            <button
              key={id}
              type="button"
              className="settings-link"
              aria-current={id === shown.id ? 'page' : undefined}
              onClick={() => {
                clearError();
                navigate({ kind: 'opened', screen: { kind: 'settings', section: id } });
              }}
            >
              <Icon className="icon" aria-hidden />
              {label}
            </button>
          ))}
        </nav>
        <section className="settings-body" aria-label={shown.label}>
          <h2>{shown.label}</h2>
          <OverrideProblems />
          {error === null ? null : <ErrorNotice error={error} onDismiss={clearError} />}
          <Body onSave={save} />
        </section>
      </div>
    </main>
  );
}
