import { PREVIEW_PASSWORD_HEADER } from '../../pipeline/manifest/names.ts';
import { Fn } from '../cdktf.ts';

export interface SignIn {
  /** Part of every host that asks for the password. */
  readonly host: string;
  /** Header that leads there from other hosts. */
  readonly header: string;
  /** An expression of Terraform: what is written down is where it stands. */
  readonly password: string;
  /** Number of the rule. */
  readonly priority: number;
}

const USER = 'preview';

/**
 * Asks browsers for user and password (RFC 7617) before anything answers: services, the waking page, and what staging answers for previews. Programs bring the
 * password in a header, beside an authorization of their own. https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-response-for-blocked-requests.html
 */
export const signInRule = ({ host, header, password, priority }: SignIn) => ({
  name: 'preview-sign-in',
  priority,
  action: {
    block: {
      customResponse: {
        responseCode: 401,
        responseHeader: [{ name: 'www-authenticate', value: 'Basic realm="Previews", charset="UTF-8"' }],
      },
    },
  },
  statement: {
    and_statement: {
      statement: [
        or([matches('host', 'CONTAINS', host), matches(header, 'STARTS_WITH', 'pr-')]),
        not(matches('authorization', 'EXACTLY', `Basic ${Fn.base64encode(`${USER}:${password}`)}`)),
        not(matches(PREVIEW_PASSWORD_HEADER, 'EXACTLY', password)),
      ],
    },
  },
  visibilityConfig: { metricName: 'preview-sign-in', cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true },
});

const or = (statement: readonly object[]) => ({ or_statement: { statement } });
const not = (statement: object) => ({ not_statement: { statement: [statement] } });

/** Hosts are the same in any case; passwords are not. */
const matches = (
  name: string,
  positional_constraint: 'EXACTLY' | 'CONTAINS' | 'STARTS_WITH',
  search_string: string,
) => ({
  byte_match_statement: {
    field_to_match: { single_header: { name } },
    positional_constraint,
    search_string,
    text_transformation: [{ priority: 0, type: positional_constraint === 'EXACTLY' ? 'NONE' : 'LOWERCASE' }],
  },
});
