import type { Cloud } from '../../cloud.ts';
import { AwsError } from '../kit/service.ts';

export const LATEST = '$LATEST';

export interface FunctionName {
  readonly name: string;
  /** Version or alias; absent for the function itself. */
  readonly qualifier?: string;
}

const FORMS =
  /^(?:arn:aws:lambda:[a-z0-9-]+:)?(?:\d{12}:)?(?:function:)?([A-Za-z0-9-_]{1,64})(?::(\$LATEST|[A-Za-z0-9-_]{1,128}))?$/;

/**
 * A function is named by its name, `name:qualifier`, a partial or a full ARN.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
export function parseFunctionName(text: string, qualifier?: string): FunctionName {
  const match = FORMS.exec(text);
  if (!match?.[1])
    throw invalidParameter(
      `1 validation error detected: Value '${text}' at 'functionName' failed to satisfy constraint`,
    );
  if (qualifier && match[2] && qualifier !== match[2]) {
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');
  }
  const chosen = qualifier ?? match[2];
  return { name: match[1], ...(chosen === undefined ? {} : { qualifier: chosen }) };
}

export function functionArn(cloud: Cloud, name: string, qualifier?: string): string {
  const suffix = qualifier === undefined ? '' : `:${qualifier}`;
  return `arn:aws:lambda:${cloud.region}:${cloud.accountId}:function:${name}${suffix}`;
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, { details: { Type: 'User' } });
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, { status: 404, details: { Type: 'User' } });
}

export function conflict(message: string): AwsError {
  return new AwsError('ResourceConflictException', message, { status: 409, details: { Type: 'User' } });
}

export function preconditionFailed(): AwsError {
  const message =
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id';
  return new AwsError('PreconditionFailedException', message, { status: 412, details: { Type: 'User' } });
}
