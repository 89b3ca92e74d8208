import { createCliClient } from '../contracts/cli-client.ts';
import { describeContract } from '../contracts/contract.ts';
import { findAwsCli } from './aws-cli.ts';

const program = findAwsCli();

describeContract('the contract, through the AWS CLI', ({ endpoint, folder }) =>
  createCliClient({ program, endpoint, folder }),
);
