import type { Graph } from './onnx-read.ts';

/**
 * Operators whose time and memory follow from the sizes of their inputs. What is not here may still be harmless, but `Loop` may never
 * end and `Expand` may take all memory there is.
 */
const FRUGAL = new Set(
  `Abs Add And ArgMax ArgMin ArrayFeatureExtractor AveragePool BatchNormalization Binarizer Cast Ceil Clip Concat Constant Conv Cos Div
  Dropout Elu Equal Erf Exp Flatten Floor Gather GatherElements Gelu Gemm GlobalAveragePool Greater GreaterOrEqual HardSigmoid Identity Imputer
  LabelEncoder LayerNormalization LeakyRelu Less LessOrEqual LinearClassifier LinearRegressor Log LogSoftmax MatMul Max MaxPool Mean Min
  Mul Neg Normalizer Not OneHotEncoder Or PRelu Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Round Scaler Selu
  Sigmoid Sign Sin Slice Softmax Softplus Split Sqrt Squeeze Sub Sum Tanh Transpose TreeEnsembleClassifier TreeEnsembleRegressor
  Unsqueeze Where`.split(/\s+/),
);
const DOMAINS = new Set(['', 'ai.onnx', 'ai.onnx.ml']);

/** Whether a graph ends and stays within memory whatever it is asked, so that it may run beside everything else. */
export function isFrugal({ nodes }: Graph): boolean {
  return nodes.every(
    ({ operator, domain, attributes }) =>
      DOMAINS.has(domain) && FRUGAL.has(operator) && !attributes.some(({ holdsGraph }) => holdsGraph),
  );
}
