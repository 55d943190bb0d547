import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseServiceAccount } from '../../main/cloud/service-account.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const whole = { type: 'service_account', client_email: 'robot@example.com', private_key: pem, project_id: 'p' };

/** The words of the refusal. */
function refusal(text: string): string {
  try {
    parseServiceAccount(text);
  } catch (error) {
    expect(error).toMatchObject({ code: 'CLOUD_CREDENTIALS_INVALID' });
    expect(error).not.toHaveProperty('cause');
    return error instanceof Error ? error.message : '';
  }
  throw new Error('It was taken.');
}

describe('the JSON file of a service account', () => {
  it('is taken when it is whole, also without a project', () => {
    const read = { kind: 'gcsServiceAccount', clientEmail: 'robot@example.com', privateKey: pem };
    expect(parseServiceAccount(JSON.stringify(whole))).toEqual({ ...read, projectId: 'p' });
    const { project_id: _left, ...rest } = whole;
    expect(parseServiceAccount(JSON.stringify(rest))).toEqual({ ...read, projectId: null });
  });

  it('is taken when something on its way doubled the backslashes of the key', () => {
    const text = JSON.stringify({ ...whole, private_key: pem.replaceAll('\n', '\\n') });
    expect(parseServiceAccount(text).privateKey.trim()).toBe(pem.trim());
  });

  it.each([
    ['type', /“type” is missing/],
    ['client_email', /“client_email” is missing/],
    ['private_key', /“private_key” is missing/],
  ])('without %s is refused by that name', (field, words) => {
    expect(refusal(JSON.stringify({ ...whole, [field]: undefined }))).toMatch(words);
    expect(refusal(JSON.stringify({ ...whole, [field]: 7 }))).toMatch(words);
  });

  it.each([
    ['{', /not JSON/],
    ['null', /no fields/],
    [JSON.stringify({ ...whole, type: 'authorized_user' }), /service_account/],
    [JSON.stringify({ ...whole, client_email: 'robot' }), /not an address/],
    [JSON.stringify({ ...whole, private_key: 'hush' }), /BEGIN/],
    [JSON.stringify({ ...whole, private_key: pem.slice(0, 300) }), /not a whole private key/],
    [JSON.stringify({ ...whole, private_key: publicPem }), /not a whole private key/],
  ])('is refused in words (%#)', (text, words) => {
    const said = refusal(text);
    expect(said).toMatch(words);
    expect(said).not.toContain('hush');
    expect(said).not.toContain(pem.slice(60, 90));
  });
});
