/** One rule of an ECR lifecycle policy, as far as ours use them. */
export interface LifecycleRule {
  readonly rulePriority: number;
  readonly description: string;
  readonly selection: {
    readonly tagStatus: 'tagged';
    readonly tagPrefixList: readonly string[];
    readonly countType: 'sinceImagePushed' | 'imageCountMoreThan';
    readonly countUnit?: 'days';
    readonly countNumber: number;
  };
  readonly action: { readonly type: 'expire' };
}

/** ECR's quota of images in a repository: a rule that keeps so many never expires one. */
const ALL_IMAGES = 100_000;
/** A month in which builds find a preview's image again, a week that an idle preview lives, and as much to spare. */
const PREVIEW_DAYS = 60;

/**
 * Rules are blind to what runs, so they only expire what no release ever used: images of previews that no build for a release has
 * taken over. What matches a rule cannot be expired by a later one; that makes the first two a shield. The parts of an index carry its
 * tags with their platform added, so they live exactly as long. What has no tag is left alone: it is a statement about an image, which
 * goes with it.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export const LIFECYCLE_RULES: readonly LifecycleRule[] = [
  rule(1, 'Built for a release: kept', {
    tagPrefixList: ['key-'],
    countType: 'imageCountMoreThan',
    countNumber: ALL_IMAGES,
  }),
  rule(2, 'What services are created from: kept', {
    tagPrefixList: ['bootstrap'],
    countType: 'imageCountMoreThan',
    countNumber: ALL_IMAGES,
  }),
  rule(3, 'Built for previews only', {
    tagPrefixList: ['preview-'],
    countType: 'sinceImagePushed',
    countUnit: 'days',
    countNumber: PREVIEW_DAYS,
  }),
];

function rule(
  rulePriority: number,
  description: string,
  selection: Omit<LifecycleRule['selection'], 'tagStatus'>,
): LifecycleRule {
  return {
    rulePriority,
    description,
    selection: { tagStatus: 'tagged', ...selection },
    action: { type: 'expire' },
  };
}
