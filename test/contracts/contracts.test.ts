import { describeContract } from './contract.ts';
import { createSdkClient } from './sdk-client.ts';

describeContract('the contract, through the AWS SDK v3', ({ endpoint }) => createSdkClient(endpoint));
