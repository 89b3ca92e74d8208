import { Construct, SnsTopic, SnsTopicPolicy } from '../cdktf.ts';
import { onlyTls, policyDocument } from './policy.ts';

interface TopicProperties {
  readonly name: string;
  readonly keyArn: string;
}

/** An encrypted topic that only speaks TLS; who may publish is what the roles of services say. */
export class Topic extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, keyArn }: TopicProperties) {
    super(scope, id);
    this.arn = new SnsTopic(this, 'topic', { name, kmsMasterKeyId: keyArn }).arn;
    new SnsTopicPolicy(this, 'policy', {
      arn: this.arn,
      policy: policyDocument([onlyTls(['sns:Publish'], [this.arn])]),
    });
  }
}
