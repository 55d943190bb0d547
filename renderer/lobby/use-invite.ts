import { useEffect, useReducer } from 'react';
import { toErrorShape } from '../../contract/errors.ts';
import { useServices } from '../app/services.ts';
import { nextInvite, type InviteState } from './invite-state.ts';

/** While a call is shown, how often it is looked at again, in milliseconds: people come, recordings start. */
const LOOK_AGAIN_MS = 10_000;

/** Follows the link in the field: parses it, asks the call's server, and keeps the answer fresh. */
export function useInvite(link: string): { state: InviteState; lookAgain: () => void } {
  const { client } = useServices();
  const [state, dispatch] = useReducer(nextInvite, { kind: 'empty' });

  useEffect(() => dispatch({ kind: 'typed', link }), [link]);

  const asked = state.kind === 'checking' ? state.link : null;
  useEffect(() => {
    if (asked === null) return undefined;
    let over = false;
    client.request('call.inspect', { link: asked }).then(
      (preview) => over || dispatch({ kind: 'answered', link: asked, preview }),
      (error: unknown) => over || dispatch({ kind: 'failed', link: asked, error: toErrorShape(error) }),
    );
    return () => {
      over = true;
    };
  }, [asked, client]);

  const shown = state.kind === 'ready' ? state.link : null;
  useEffect(() => {
    if (shown === null) return undefined;
    const timer = setInterval(() => {
      client.request('call.inspect', { link: shown }).then(
        (preview) => dispatch({ kind: 'answered', link: shown, preview }),
        (error: unknown) => dispatch({ kind: 'failed', link: shown, error: toErrorShape(error) }),
      );
    }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [shown, client]);

  return { state, lookAgain: () => dispatch({ kind: 'retried' }) };
}
