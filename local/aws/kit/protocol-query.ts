import type { ProtocolCodec } from './protocol.ts';
import { fromForm } from './query.ts';
import type { AwsRequest } from './request.ts';
import { AwsError } from './service.ts';
import { escapeXml, toXml } from './xml.ts';

/** AWS Query: a form in, XML out. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export const queryCodec: ProtocolCodec = {
  async operation(request) {
    const action = (await form(request)).get('Action');
    if (!action) throw new AwsError('MissingAction', 'The request must contain the parameter Action.');
    return action;
  },

  input: async (request, operation) => fromForm(operation.input, await form(request)),

  output(operation, output, { service, request }) {
    const result = operation.output.isUnitSchema() ? '' : toXml(operation.output, output, `${operation.name}Result`);
    const metadata = `<ResponseMetadata><RequestId>${request.id}</RequestId></ResponseMetadata>`;
    const root = `${operation.name}Response`;
    return {
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: `<${root} xmlns="${service.xmlNamespace}">${result}${metadata}</${root}>`,
    };
  },

  error(error, { service, request }) {
    const model = service.error(error.name);
    const status = model.status ?? error.status;
    const type = status >= 500 ? 'Receiver' : 'Sender';
    const message = escapeXml(error.message);
    const detail = `<Type>${type}</Type><Code>${model.code ?? error.name}</Code><Message>${message}</Message>`;
    return {
      status,
      headers: { 'content-type': 'text/xml' },
      body: `<ErrorResponse xmlns="${service.xmlNamespace}"><Error>${detail}</Error><RequestId>${request.id}</RequestId></ErrorResponse>`,
    };
  },
};

/** The form of a request: its body, or the query string of a GET. */
export async function form(request: AwsRequest): Promise<URLSearchParams> {
  const body = await request.bytes();
  return body.length > 0 ? new URLSearchParams(body.toString()) : request.query;
}
