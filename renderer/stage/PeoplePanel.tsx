import { Mic, MicOff, UserMinus, Video, VideoOff, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Call } from '../../contract/call.ts';
import type { PersonView } from '../call/call-view.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { initials } from '../ui/initials.ts';
import { CopyInvite } from './CopyInvite.tsx';
import { connectionWords, removedWords } from './person-words.ts';
import { RemovePersonDialog } from './RemovePersonDialog.tsx';
import { useRemoval } from './use-removal.ts';

type PeoplePanelProps = { call: Call; people: readonly PersonView[]; onClose: () => void };

/** Who is here, and the link for those who are not; the host can remove people. */
export function PeoplePanel({ call, people, onClose }: PeoplePanelProps) {
  const removal = useRemoval(people);
  const { asked, removed } = removal;
  const headRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that was pressed is gone with its person: keys go on from the top of the panel.
    if (removed !== null) headRef.current?.focus({ preventScroll: true });
  }, [removed]);
  return (
    <aside className="people-panel" aria-label="People in this call">
      <div className="panel-head">
        <h2 ref={headRef} tabIndex={-1}>
          People
        </h2>
        <IconButton label="Close people" onClick={onClose}>
          <X className="icon" aria-hidden />
        </IconButton>
      </div>
      <ul className="people-list" aria-label="Participants">
        {people.map((person) => (
          <PersonRow
            key={person.participant.id}
            person={person}
            isHost={person.participant.id === call.hostId}
            onRemove={call.role === 'host' && !person.isSelf ? () => removal.ask(person.participant.id) : null}
          />
        ))}
      </ul>
      {removal.error === null ? null : <ErrorNotice error={removal.error} onDismiss={removal.clearError} />}
      <p className="small quiet" role="status">
        {removed === null ? '' : removedWords(removed)}
      </p>
      <InviteField link={call.inviteLink} />
      {asked === null ? null : (
        <RemovePersonDialog
          name={asked.participant.name}
          recording={call.recording !== null}
          busy={removal.busy}
          onRemove={removal.remove}
          onKeep={removal.keep}
        />
      )}
    </aside>
  );
}

type PersonRowProps = {
  person: PersonView;
  isHost: boolean;
  /** Null: this person cannot be removed from here. */
  onRemove: (() => void) | null;
};

function PersonRow({ person, isHost, onRemove }: PersonRowProps) {
  const { participant, isSelf } = person;
  const under = [isSelf ? 'You' : null, isHost ? 'Host' : null, connectionWords(person)].filter(
    (part) => part !== null,
  );
  return (
    <li className="person-row">
      <span className="avatar avatar-s" aria-hidden>
        {initials(participant.name)}
      </span>
      <span className="person-names">
        <span className="one-line">{participant.name}</span>
        {under.length === 0 ? null : <span className="small quiet one-line">{under.join(' · ')}</span>}
      </span>
      {participant.microphoneOn ? (
        <Mic className="icon quiet" role="img" aria-label="Microphone on" />
      ) : (
        <MicOff className="icon" role="img" aria-label="Muted" />
      )}
      {participant.cameraOn ? (
        <Video className="icon quiet" role="img" aria-label="Camera on" />
      ) : (
        <VideoOff className="icon" role="img" aria-label="Camera off" />
      )}
      {onRemove === null ? null : (
        <IconButton label={`Remove ${participant.name} from the call`} tip="Remove" onClick={onRemove}>
          <UserMinus className="icon" aria-hidden />
        </IconButton>
      )}
    </li>
  );
}

/** The invite link, to read and to copy. */
export function InviteField({ link }: { link: string }) {
  return (
    <div className="invite-field">
      <input
        className="input"
        readOnly
        aria-label="Invite link"
        value={link}
        onFocus={(event) => event.target.select()}
      />
      <CopyInvite link={link} look="primary" />
    </div>
  );
}
