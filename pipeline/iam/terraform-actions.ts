/**
 * What Terraform's AWS provider calls to create, read, change and delete a resource, as IAM actions. From the provider's documentation and source; the
 * local provider has no credentials of its own, so these calls cannot be recorded.
 */
const API = 'apigateway:GET apigateway:POST apigateway:PATCH apigateway:PUT apigateway:DELETE';

const BY_TYPE: Readonly<Record<string, string>> = {
  aws_acm_certificate:
    'acm:RequestCertificate acm:DescribeCertificate acm:ListTagsForCertificate acm:DeleteCertificate',
  aws_acm_certificate_validation: 'acm:DescribeCertificate',
  aws_appautoscaling_policy: `application-autoscaling:PutScalingPolicy application-autoscaling:DescribeScalingPolicies
    application-autoscaling:DeleteScalingPolicy`,
  aws_appautoscaling_scheduled_action: `application-autoscaling:PutScheduledAction
    application-autoscaling:DescribeScheduledActions application-autoscaling:DeleteScheduledAction`,
  aws_appautoscaling_target: `application-autoscaling:RegisterScalableTarget
    application-autoscaling:DescribeScalableTargets application-autoscaling:DeregisterScalableTarget
    application-autoscaling:ListTagsForResource iam:CreateServiceLinkedRole`,
  aws_autoscaling_group: `autoscaling:CreateAutoScalingGroup autoscaling:DescribeAutoScalingGroups autoscaling:UpdateAutoScalingGroup
    autoscaling:DescribeScalingActivities autoscaling:DescribeWarmPool autoscaling:DeleteAutoScalingGroup autoscaling:CreateOrUpdateTags ec2:RunInstances
    ssm:GetParameters iam:CreateServiceLinkedRole`,
  aws_backup_plan:
    'backup:CreateBackupPlan backup:GetBackupPlan backup:UpdateBackupPlan backup:DeleteBackupPlan backup:ListTags',
  aws_backup_selection:
    'backup:CreateBackupSelection backup:GetBackupSelection backup:DeleteBackupSelection iam:PassRole',
  aws_backup_vault: 'backup:CreateBackupVault backup:DescribeBackupVault backup:ListTags',
  aws_backup_vault_lock_configuration: 'backup:PutBackupVaultLockConfiguration backup:DescribeBackupVault',
  aws_cloudwatch_dashboard: 'cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:DeleteDashboards',
  aws_cloudwatch_event_rule: 'events:PutRule events:DescribeRule events:DeleteRule events:ListTagsForResource',
  aws_cloudwatch_event_target: 'events:PutTargets events:ListTargetsByRule events:RemoveTargets',
  aws_cloudwatch_log_group: `logs:CreateLogGroup logs:DescribeLogGroups logs:ListTagsForResource logs:PutRetentionPolicy
    logs:DeleteLogGroup logs:TagResource`,
  aws_cloudwatch_metric_alarm: `cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource
    cloudwatch:DeleteAlarms`,
  aws_cognito_user_pool: `cognito-idp:CreateUserPool cognito-idp:DescribeUserPool cognito-idp:UpdateUserPool
    cognito-idp:GetUserPoolMfaConfig cognito-idp:SetUserPoolMfaConfig`,
  aws_cognito_user_pool_client: `cognito-idp:CreateUserPoolClient cognito-idp:DescribeUserPoolClient
    cognito-idp:UpdateUserPoolClient cognito-idp:DeleteUserPoolClient`,
  aws_cognito_user_pool_domain: `cognito-idp:CreateUserPoolDomain cognito-idp:DescribeUserPoolDomain
    cognito-idp:DeleteUserPoolDomain`,
  aws_default_security_group: `ec2:DescribeSecurityGroups ec2:RevokeSecurityGroupIngress ec2:RevokeSecurityGroupEgress
    ec2:CreateTags`,
  aws_dynamodb_table: `dynamodb:CreateTable dynamodb:DescribeTable dynamodb:DescribeContinuousBackups
    dynamodb:UpdateContinuousBackups dynamodb:DescribeTimeToLive dynamodb:UpdateTimeToLive dynamodb:ListTagsOfResource
    dynamodb:UpdateTable dynamodb:DeleteTable dynamodb:TagResource`,
  aws_ecs_cluster: `ecs:CreateCluster ecs:DescribeClusters ecs:UpdateCluster ecs:DeleteCluster ecs:TagResource
    iam:CreateServiceLinkedRole`,
  aws_ecs_cluster_capacity_providers: 'ecs:PutClusterCapacityProviders ecs:DescribeClusters',
  aws_ecs_service: `ecs:CreateService ecs:DescribeServices ecs:UpdateService ecs:DeleteService ecs:TagResource iam:PassRole`,
  aws_ecs_task_definition: `ecs:RegisterTaskDefinition ecs:DescribeTaskDefinition ecs:DeregisterTaskDefinition
    ecs:TagResource iam:PassRole`,
  aws_eip: `ec2:AllocateAddress ec2:DescribeAddresses ec2:ReleaseAddress ec2:CreateTags ec2:AssociateAddress
    ec2:DisassociateAddress`,
  aws_flow_log: 'ec2:CreateFlowLogs ec2:DescribeFlowLogs ec2:DeleteFlowLogs ec2:CreateTags logs:CreateLogDelivery',
  aws_iam_role: `iam:CreateRole iam:GetRole iam:ListRolePolicies iam:ListAttachedRolePolicies
    iam:ListInstanceProfilesForRole iam:TagRole iam:DeleteRole iam:UpdateAssumeRolePolicy`,
  aws_iam_role_policy: 'iam:PutRolePolicy iam:GetRolePolicy iam:DeleteRolePolicy',
  aws_internet_gateway: `ec2:CreateInternetGateway ec2:AttachInternetGateway ec2:DescribeInternetGateways
    ec2:DetachInternetGateway ec2:DeleteInternetGateway ec2:CreateTags`,
  aws_kms_alias: 'kms:CreateAlias kms:ListAliases kms:DeleteAlias',
  aws_kms_key: `kms:CreateKey kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags
    kms:EnableKeyRotation kms:PutKeyPolicy kms:ScheduleKeyDeletion kms:TagResource`,
  aws_lambda_alias: 'lambda:CreateAlias lambda:GetAlias lambda:UpdateAlias lambda:DeleteAlias',
  aws_lambda_event_source_mapping: `lambda:CreateEventSourceMapping lambda:GetEventSourceMapping
    lambda:DeleteEventSourceMapping lambda:ListTags`,
  aws_lambda_function: `lambda:CreateFunction lambda:GetFunction lambda:GetFunctionCodeSigningConfig
    lambda:ListVersionsByFunction lambda:UpdateFunctionConfiguration lambda:DeleteFunction lambda:TagResource iam:PassRole`,
  aws_lambda_permission: 'lambda:AddPermission lambda:GetPolicy lambda:RemovePermission',
  aws_launch_template: `ec2:CreateLaunchTemplate ec2:DescribeLaunchTemplates ec2:DescribeLaunchTemplateVersions
    ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate ec2:DeleteLaunchTemplate ec2:CreateTags`,
  aws_lb: `elasticloadbalancing:CreateLoadBalancer iam:CreateServiceLinkedRole elasticloadbalancing:DescribeLoadBalancers
    elasticloadbalancing:DescribeLoadBalancerAttributes elasticloadbalancing:ModifyLoadBalancerAttributes
    elasticloadbalancing:DescribeTags elasticloadbalancing:DeleteLoadBalancer elasticloadbalancing:AddTags`,
  aws_lb_listener: `elasticloadbalancing:CreateListener elasticloadbalancing:DescribeListeners
    elasticloadbalancing:DescribeListenerAttributes elasticloadbalancing:ModifyListener elasticloadbalancing:DeleteListener`,
  aws_lb_listener_rule: `elasticloadbalancing:CreateRule elasticloadbalancing:DescribeRules
    elasticloadbalancing:ModifyRule elasticloadbalancing:DeleteRule`,
  aws_lb_target_group: `elasticloadbalancing:CreateTargetGroup elasticloadbalancing:DescribeTargetGroups
    elasticloadbalancing:DescribeTargetGroupAttributes elasticloadbalancing:ModifyTargetGroup
    elasticloadbalancing:ModifyTargetGroupAttributes elasticloadbalancing:DeleteTargetGroup`,
  aws_lb_target_group_attachment: `elasticloadbalancing:RegisterTargets elasticloadbalancing:DescribeTargetHealth
    elasticloadbalancing:DeregisterTargets`,
  aws_nat_gateway: 'ec2:CreateNatGateway ec2:DescribeNatGateways ec2:DeleteNatGateway ec2:CreateTags',
  aws_network_interface: `ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:ModifyNetworkInterfaceAttribute
    ec2:DeleteNetworkInterface ec2:DetachNetworkInterface ec2:CreateTags`,
  aws_route: 'ec2:CreateRoute ec2:DescribeRouteTables ec2:ReplaceRoute ec2:DeleteRoute',
  aws_route53_record:
    'route53:ChangeResourceRecordSets route53:GetChange route53:ListResourceRecordSets route53:GetHostedZone',
  aws_route_table: 'ec2:CreateRouteTable ec2:DescribeRouteTables ec2:DeleteRouteTable ec2:CreateTags',
  aws_route_table_association: 'ec2:AssociateRouteTable ec2:DescribeRouteTables ec2:DisassociateRouteTable',
  aws_s3_bucket: `s3:CreateBucket s3:ListBucket s3:GetBucketTagging s3:PutBucketTagging s3:GetBucketPolicy s3:GetBucketAcl
    s3:GetBucketCORS s3:GetBucketWebsite s3:GetBucketVersioning s3:GetAccelerateConfiguration s3:GetBucketRequestPayment
    s3:GetBucketLogging s3:GetLifecycleConfiguration s3:GetReplicationConfiguration s3:GetEncryptionConfiguration
    s3:GetBucketObjectLockConfiguration s3:DeleteBucket`,
  aws_s3_bucket_lifecycle_configuration: 's3:PutLifecycleConfiguration s3:GetLifecycleConfiguration',
  aws_s3_bucket_logging: 's3:PutBucketLogging s3:GetBucketLogging',
  aws_s3_bucket_ownership_controls: 's3:PutBucketOwnershipControls s3:GetBucketOwnershipControls',
  aws_s3_bucket_policy: 's3:PutBucketPolicy s3:GetBucketPolicy s3:DeleteBucketPolicy',
  aws_s3_bucket_public_access_block: 's3:PutBucketPublicAccessBlock s3:GetBucketPublicAccessBlock',
  aws_s3_bucket_server_side_encryption_configuration: 's3:PutEncryptionConfiguration s3:GetEncryptionConfiguration',
  aws_s3_bucket_versioning: 's3:PutBucketVersioning s3:GetBucketVersioning',
  aws_s3_object: 's3:PutObject s3:GetObject s3:GetObjectTagging s3:DeleteObject',
  aws_scheduler_schedule: `scheduler:CreateSchedule scheduler:GetSchedule scheduler:UpdateSchedule scheduler:DeleteSchedule
    iam:PassRole`,
  aws_secretsmanager_secret: `secretsmanager:CreateSecret secretsmanager:DescribeSecret secretsmanager:GetResourcePolicy
    secretsmanager:UpdateSecret secretsmanager:DeleteSecret secretsmanager:TagResource`,
  aws_secretsmanager_secret_rotation:
    'secretsmanager:RotateSecret secretsmanager:DescribeSecret secretsmanager:CancelRotateSecret',
  aws_security_group: `ec2:CreateSecurityGroup ec2:DescribeSecurityGroups ec2:RevokeSecurityGroupEgress
    ec2:DeleteSecurityGroup ec2:CreateTags ec2:DescribeNetworkInterfaces`,
  aws_sns_topic: `sns:CreateTopic sns:GetTopicAttributes sns:SetTopicAttributes sns:ListTagsForResource sns:DeleteTopic
    sns:TagResource`,
  aws_sns_topic_policy: 'sns:SetTopicAttributes sns:GetTopicAttributes',
  aws_sns_topic_subscription: 'sns:Subscribe sns:GetSubscriptionAttributes sns:Unsubscribe',
  aws_sqs_queue: `sqs:CreateQueue sqs:GetQueueAttributes sqs:SetQueueAttributes sqs:ListQueueTags sqs:TagQueue
    sqs:DeleteQueue`,
  aws_sqs_queue_policy: 'sqs:SetQueueAttributes sqs:GetQueueAttributes',
  aws_ssm_parameter: `ssm:PutParameter ssm:GetParameter ssm:DescribeParameters ssm:ListTagsForResource ssm:AddTagsToResource
    ssm:DeleteParameter`,
  aws_subnet: 'ec2:CreateSubnet ec2:DescribeSubnets ec2:ModifySubnetAttribute ec2:DeleteSubnet ec2:CreateTags',
  aws_vpc:
    'ec2:CreateVpc ec2:DescribeVpcs ec2:DescribeVpcAttribute ec2:ModifyVpcAttribute ec2:DeleteVpc ec2:CreateTags',
  aws_vpc_endpoint: `ec2:CreateVpcEndpoint ec2:DescribeVpcEndpoints ec2:DescribePrefixLists ec2:ModifyVpcEndpoint
    ec2:DeleteVpcEndpoints ec2:CreateTags`,
  aws_vpc_security_group_egress_rule: `ec2:AuthorizeSecurityGroupEgress ec2:DescribeSecurityGroupRules
    ec2:ModifySecurityGroupRules ec2:RevokeSecurityGroupEgress`,
  aws_vpc_security_group_ingress_rule: `ec2:AuthorizeSecurityGroupIngress ec2:DescribeSecurityGroupRules
    ec2:ModifySecurityGroupRules ec2:RevokeSecurityGroupIngress`,
  aws_wafv2_web_acl: `wafv2:CreateWebACL wafv2:GetWebACL wafv2:ListTagsForResource wafv2:UpdateWebACL wafv2:DeleteWebACL
    wafv2:TagResource`,
  aws_wafv2_web_acl_association: `wafv2:AssociateWebACL wafv2:GetWebACLForResource wafv2:DisassociateWebACL`,
  aws_wafv2_web_acl_logging_configuration: `wafv2:PutLoggingConfiguration wafv2:GetLoggingConfiguration
    wafv2:DeleteLoggingConfiguration logs:CreateLogDelivery`,
};

/** Actions of a type; undefined when nobody has written them down. */
export function terraformActions(type: string): readonly string[] | undefined {
  if (type.startsWith('aws_api_gateway_')) return API.split(' ');
  return BY_TYPE[type]?.split(/\s+/);
}
