import { bucketName, clusterName, PREVIEW_SECRETS, type Project } from '../../pipeline/manifest/names.ts';
import { createArns } from '../arns.ts';
import { allow, type Statement } from '../constructs/policy.ts';

const verbs = (service: string, names: readonly string[]): string[] => names.map((name) => `${service}:${name}`);

type LongLived = 'staging' | 'production';

/** Load balancer, certificate, DNS, firewall, cluster, alarms. */
export function edgeStatements(project: Project, environment: LongLived): Statement[] {
  const { regional, cluster } = createArns(project);
  const name = `${project.app}-${environment}`;
  const balancer = (part: string): string => regional('elasticloadbalancing', `${part}/app/${name}/*`);
  return [
    allow(
      verbs('elasticloadbalancing', [
        'CreateLoadBalancer',
        'DeleteLoadBalancer',
        'ModifyLoadBalancer*',
        'SetSecurityGroups',
        'SetSubnets',
        'CreateListener',
        'SetWebACL',
        'AddTags',
        'RemoveTags',
      ]),
      [balancer('loadbalancer')],
    ),
    allow(verbs('elasticloadbalancing', ['ModifyListener', 'DeleteListener', 'AddTags', 'RemoveTags']), [
      balancer('listener'),
    ]),
    allow(verbs('acm', ['RequestCertificate', 'DeleteCertificate', 'AddTagsToCertificate']), [
      regional('acm', 'certificate/*'),
    ]),
    allow(['route53:ChangeResourceRecordSets'], ['arn:aws:route53:::hostedzone/*']),
    allow(
      verbs('wafv2', ['AssociateWebACL', 'DisassociateWebACL']),
      // The account's firewall, whose rules the pipeline does not change.
      [
        regional('wafv2', `regional/webacl/${project.app}/*`),
        balancer('loadbalancer'),
        `arn:aws:apigateway:${project.region}::/restapis/*/stages/*`,
      ],
    ),
    allow(
      verbs('ecs', ['CreateCluster', 'UpdateCluster', 'PutClusterCapacityProviders', 'DeleteCluster', 'TagResource']),
      [cluster(clusterName(environment))],
    ),
    allow(verbs('sns', ['CreateTopic', 'SetTopicAttributes', 'DeleteTopic', 'TagResource']), [
      regional('sns', `${name}-alarms`),
    ]),
    allow(verbs('cloudwatch', ['PutMetricAlarm', 'DeleteAlarms', 'TagResource']), [
      regional('cloudwatch', `alarm:${name}-*`),
    ]),
  ];
}

/** Buckets, keys and secrets. No content: neither objects other than seeds nor values of secrets. */
export function dataStatements(project: Project, environment: LongLived): Statement[] {
  const { bucket, secret, regional } = createArns(project);
  const buckets = bucket(bucketName(project, environment, '*'));
  const owned = { StringEquals: { 'aws:ResourceTag/Environment': environment } };
  return [
    allow(
      verbs('s3', [
        'CreateBucket',
        'DeleteBucket',
        'DeleteBucketPolicy',
        'PutBucket*',
        'PutEncryptionConfiguration',
        'PutLifecycleConfiguration',
      ]),
      [buckets],
    ),
    allow(verbs('s3', ['GetObject', 'GetObjectTagging', 'PutObject', 'PutObjectTagging', 'DeleteObject']), [
      `${buckets}/*`,
    ]),
    // What flow logs take to reach their bucket; AWS knows no resource for it.
    allow(['logs:CreateLogDelivery', 'logs:DeleteLogDelivery'], ['*']),
    allow(['kms:CreateKey', 'kms:TagResource'], ['*'], { StringEquals: { 'aws:RequestTag/Environment': environment } }),
    allow(
      verbs('kms', [
        'PutKeyPolicy',
        'EnableKeyRotation',
        'UpdateKeyDescription',
        'ScheduleKeyDeletion',
        'CreateAlias',
        'DeleteAlias',
        'UpdateAlias',
        'CreateGrant',
      ]),
      [regional('kms', 'key/*')],
      owned,
    ),
    allow(verbs('kms', ['CreateAlias', 'DeleteAlias', 'UpdateAlias']), [
      regional('kms', `alias/${project.app}-${environment}`),
    ]),
    allow(verbs('secretsmanager', ['CreateSecret', 'UpdateSecret', 'DeleteSecret', 'TagResource', 'UntagResource']), [
      secret(`/${project.app}/${environment}/*`),
      ...(environment === 'staging' ? [secret(`/${project.app}/${PREVIEW_SECRETS}/*`)] : []),
    ]),
  ];
}
