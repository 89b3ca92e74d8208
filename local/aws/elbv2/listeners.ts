import type {
  AddListenerCertificatesInput,
  CreateListenerInput,
  DeleteListenerInput,
  DescribeListenersInput,
  Listener,
  ModifyListenerAttributesInput,
  ModifyListenerInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operation } from '../kit/service.ts';
import { forwardedGroups, normaliseActions } from './actions.ts';
import { newListenerArn } from './arns.ts';
import { attributeList, find, type ListenerRecord, mergeAttributes, type Records, values } from './records.ts';

const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';
const DEFAULT_ATTRIBUTES = { 'routing.http.response.server.enabled': 'true' };

export function listenerOperations(records: Records): Record<string, Operation> {
  const save = (record: ListenerRecord): ListenerRecord => {
    for (const group of forwardedGroups(record.defaultActions)) find(records, 'targetGroups', group);
    records.listeners.set(record.arn, record);
    return record;
  };
  return {
    CreateListener(input: CreateListenerInput) {
      const { arn } = find(records, 'loadBalancers', input.LoadBalancerArn);
      if (values(records.listeners).some((other) => other.loadBalancerArn === arn && other.port === input.Port)) {
        throw new AwsError('DuplicateListenerException', `A listener already exists on this port for '${arn}'`);
      }
      return { Listeners: [view(save(newListener(arn, input)))] };
    },
    DescribeListeners: (input: DescribeListenersInput) => ({ Listeners: select(records, input).map(view) }),
    ModifyListener(input: ModifyListenerInput) {
      const current = find(records, 'listeners', input.ListenerArn);
      return { Listeners: [view(save(modified(current, input)))] };
    },
    DeleteListener({ ListenerArn }: DeleteListenerInput) {
      const { arn } = find(records, 'listeners', ListenerArn);
      for (const rule of values(records.rules)) if (rule.listenerArn === arn) records.rules.delete(rule.arn);
      records.listeners.delete(arn);
      return {};
    },
    DescribeListenerAttributes: ({ ListenerArn }: ModifyListenerAttributesInput) => ({
      Attributes: attributeList(find(records, 'listeners', ListenerArn).attributes),
    }),
    ModifyListenerAttributes({ ListenerArn, Attributes }: ModifyListenerAttributesInput) {
      const current = find(records, 'listeners', ListenerArn);
      const record = save({ ...current, attributes: mergeAttributes(current.attributes, Attributes) });
      return { Attributes: attributeList(record.attributes) };
    },
    DescribeListenerCertificates: ({ ListenerArn }: AddListenerCertificatesInput) => ({
      Certificates: find(records, 'listeners', ListenerArn).certificates.map((certificate, index) => ({
        ...certificate,
        IsDefault: index === 0,
      })),
    }),
    AddListenerCertificates({ ListenerArn, Certificates = [] }: AddListenerCertificatesInput) {
      const current = find(records, 'listeners', ListenerArn);
      save({ ...current, certificates: [...current.certificates, ...Certificates] });
      return { Certificates };
    },
    RemoveListenerCertificates({ ListenerArn, Certificates = [] }: AddListenerCertificatesInput) {
      const current = find(records, 'listeners', ListenerArn);
      const removed = Certificates.map(({ CertificateArn }) => CertificateArn);
      const [first, ...rest] = current.certificates;
      const kept = rest.filter(({ CertificateArn }) => !removed.includes(CertificateArn));
      save({ ...current, certificates: first ? [first, ...kept] : kept });
      return {};
    },
  };
}

function newListener(loadBalancerArn: string, input: CreateListenerInput): ListenerRecord {
  const { Port: port, Protocol: protocol } = input;
  if (!port || !protocol) throw new AwsError('ValidationError', 'A listener of an ALB needs Port and Protocol');
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw new AwsError('UnsupportedProtocolException', `Protocol '${protocol}' is not supported by an ALB`);
  }
  if (protocol === 'HTTPS' && !input.Certificates?.length) {
    throw new AwsError('CertificateNotFoundException', 'A certificate must be specified for HTTPS listeners');
  }
  return {
    arn: newListenerArn(loadBalancerArn),
    loadBalancerArn,
    port,
    protocol,
    ...(protocol === 'HTTPS' ? { sslPolicy: input.SslPolicy ?? DEFAULT_SSL_POLICY } : {}),
    certificates: input.Certificates ?? [],
    alpnPolicy: input.AlpnPolicy ?? [],
    defaultActions: normaliseActions(input.DefaultActions),
    attributes: DEFAULT_ATTRIBUTES,
    tags: input.Tags ?? [],
  };
}

function modified(current: ListenerRecord, input: ModifyListenerInput): ListenerRecord {
  return {
    ...current,
    port: input.Port ?? current.port,
    protocol: input.Protocol ?? current.protocol,
    ...(input.SslPolicy ? { sslPolicy: input.SslPolicy } : {}),
    certificates: input.Certificates ?? current.certificates,
    alpnPolicy: input.AlpnPolicy ?? current.alpnPolicy,
    defaultActions: input.DefaultActions ? normaliseActions(input.DefaultActions) : current.defaultActions,
  };
}

function select(records: Records, input: DescribeListenersInput): readonly ListenerRecord[] {
  if (input.ListenerArns?.length) return input.ListenerArns.map((arn) => find(records, 'listeners', arn));
  const { arn } = find(records, 'loadBalancers', input.LoadBalancerArn);
  return values(records.listeners).filter(({ loadBalancerArn }) => loadBalancerArn === arn);
}

function view(record: ListenerRecord): Listener {
  return {
    ListenerArn: record.arn,
    LoadBalancerArn: record.loadBalancerArn,
    Port: record.port,
    Protocol: record.protocol as Listener['Protocol'],
    SslPolicy: record.sslPolicy,
    ...(record.certificates.length ? { Certificates: [...record.certificates] } : {}),
    ...(record.alpnPolicy.length ? { AlpnPolicy: [...record.alpnPolicy] } : {}),
    DefaultActions: [...record.defaultActions],
  };
}
