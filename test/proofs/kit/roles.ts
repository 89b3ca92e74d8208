import type { AwsService } from '../../../local/aws/kit/service.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: ['ecs-tasks.amazonaws.com', 'lambda.amazonaws.com'] },
    },
  ],
});

/** IAM as far as a release asks it: every role exists, may be taken on, and may read. */
export const createRoles = (): AwsService => ({
  name: 'iam',
  operations: {
    GetRole: ({ RoleName }: { RoleName: string }) => ({
      Role: {
        RoleName,
        RoleId: RoleName,
        Path: '/',
        Arn: `arn:aws:iam::000000000000:role/${RoleName}`,
        CreateDate: new Date(0),
        AssumeRolePolicyDocument: encodeURIComponent(TRUST),
      },
    }),
    SimulatePrincipalPolicy: ({
      ActionNames,
      ResourceArns = [],
    }: {
      ActionNames: string[];
      ResourceArns?: string[];
    }) => ({
      EvaluationResults: ActionNames.flatMap((EvalActionName) =>
        ResourceArns.map((EvalResourceName) => ({ EvalActionName, EvalResourceName, EvalDecision: 'allowed' })),
      ),
    }),
  },
});
