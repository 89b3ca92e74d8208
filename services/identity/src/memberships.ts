import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';

/** That somebody belongs to an organisation. Written by whoever invites people, never by the person. */
export interface Membership {
  /** The `sub` of the user pool, which never changes and is never given to somebody else. */
  readonly user: string;
  /** Name of the tenant: lower case letters, digits and hyphens. */
  readonly organisation: string;
  /** ISO 8601: when the person last chose to act for it. Absent: never. */
  readonly chosenAt?: string;
  /** ISO 8601: since when they do not belong to it any more. */
  readonly endedAt?: string;
}

export interface Memberships {
  of(user: string): Promise<readonly Membership[]>;
}

/** More than anybody belongs to; a token is issued in seconds or not at all. */
const MOST = 200;

/** Memberships in DynamoDB; partition key `user`, sort key `organisation`. */
export const createMemberships = (client: DynamoDBDocumentClient, table: string): Memberships => ({
  async of(user) {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#user = :user',
        ExpressionAttributeNames: { '#user': 'user' },
        ExpressionAttributeValues: { ':user': user },
        // Who has just been removed gets no token any more.
        ConsistentRead: true,
        Limit: MOST,
      }),
    );
    return Items as Membership[];
  },
});

/** The organisation that somebody acts for: the one they chose last, or the first by name. Undefined for who belongs to none. */
export function chosenOrganisation(memberships: readonly Membership[]): string | undefined {
  return memberships
    .filter(({ endedAt }) => endedAt === undefined)
    .toSorted(
      (one, other) =>
        (other.chosenAt ?? '').localeCompare(one.chosenAt ?? '') || one.organisation.localeCompare(other.organisation),
    )[0]?.organisation;
}
