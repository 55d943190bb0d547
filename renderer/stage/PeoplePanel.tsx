import { Mic, MicOff, Video, VideoOff, X } from 'lucide-react';
import type { Call } from '../../contract/call.ts';
import type { PersonView } from '../call/call-view.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { initials } from '../ui/initials.ts';
import { CopyInvite } from './CopyInvite.tsx';
import { connectionWords } from './person-words.ts';

type PeoplePanelProps = { call: Call; people: readonly PersonView[]; onClose: () => void };

/** Who is here, and the link for those who are not. */
export function PeoplePanel({ call, people, onClose }: PeoplePanelProps) {
  return (
    <aside className="people-panel" aria-label="People in this call">
      <div className="panel-head">
        <h2>People</h2>
        <IconButton label="Close people" onClick={onClose}>
          <X className="icon" aria-hidden />
        </IconButton>
      </div>
      <ul className="people-list" aria-label="Participants">
        {people.map((person) => (
          <PersonRow key={person.participant.id} person={person} isHost={person.participant.id === call.hostId} />
        ))}
      </ul>
      <InviteField link={call.inviteLink} />
    </aside>
  );
}

function PersonRow({ person, isHost }: { person: PersonView; isHost: boolean }) {
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
