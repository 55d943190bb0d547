import type { AppError } from '../../contract/errors.ts';
import { bodyRefusal } from './body-rule.ts';
import type { HeadFields } from './head-fields.ts';
import { hostRefusal } from './host-rule.ts';
import { originRefusal } from './origin-rule.ts';
import { singleFieldsRefusal } from './single-fields-rule.ts';
import { targetRefusal } from './target-rule.ts';

/** Judges the head of a request, before it is asked what it wants: null lets it through. */
export function headRefusal(
  { target, fields }: { target: string; fields: HeadFields },
  { port, maxBodyBytes }: { port: number; maxBodyBytes: number },
): AppError | null {
  return (
    hostRefusal(fields, port) ??
    originRefusal(fields) ??
    targetRefusal(target) ??
    singleFieldsRefusal(fields) ??
    bodyRefusal(fields, maxBodyBytes)
  );
}
