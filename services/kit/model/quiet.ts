// ONNX Runtime reports usage unless told otherwise before it is loaded: this module has to be imported first.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
