module @linear {
  func.func public @main(%arg0: tensor<2x3x4xf32> loc("in0"), %arg1: tensor<5x4xf32> loc("in1"), %arg2: tensor<5xf32> loc("in2"), %arg3: tensor<2x3x5xf32> loc("in3")) -> (tensor<2x3x5xf32>, tensor<2x3x4xf32>, tensor<5x4xf32>, tensor<5xf32>, tensor<2x3x5xf32>) {
    %0 = stablehlo.dot_general %arg0, %arg1, contracting_dims = [2] x [1], precision = [HIGHEST, HIGHEST] : (tensor<2x3x4xf32>, tensor<5x4xf32>) -> tensor<2x3x5xf32>
    %1 = stablehlo.broadcast_in_dim %arg2, dims = [2] : (tensor<5xf32>) -> tensor<2x3x5xf32>
    %2 = stablehlo.add %0, %1 : tensor<2x3x5xf32>
    %3 = stablehlo.add %2, %arg3 : tensor<2x3x5xf32>
    %4 = stablehlo.constant dense<0x3F800000> : tensor<f32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [] : (tensor<f32>) -> tensor<2x3x5xf32>
    %6 = stablehlo.multiply %5, %3 : tensor<2x3x5xf32>
    %7 = stablehlo.multiply %5, %3 : tensor<2x3x5xf32>
    %8 = stablehlo.add %6, %7 : tensor<2x3x5xf32>
    %9 = stablehlo.reshape %8 : (tensor<2x3x5xf32>) -> tensor<6x5xf32>
    %10 = stablehlo.dot_general %9, %arg1, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<6x5xf32>, tensor<5x4xf32>) -> tensor<6x4xf32>
    %11 = stablehlo.reshape %10 : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
    %12 = stablehlo.reshape %8 : (tensor<2x3x5xf32>) -> tensor<6x5xf32>
    %13 = stablehlo.reshape %arg0 : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
    %14 = stablehlo.dot_general %12, %13, contracting_dims = [0] x [0], precision = [HIGHEST, HIGHEST] : (tensor<6x5xf32>, tensor<6x4xf32>) -> tensor<5x4xf32>
    %15 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %16 = stablehlo.reduce(%8 init: %15) applies stablehlo.add across dimensions = [0, 1] : (tensor<2x3x5xf32>, tensor<f32>) -> tensor<5xf32>
    return %3, %11, %14, %16, %8 : tensor<2x3x5xf32>, tensor<2x3x4xf32>, tensor<5x4xf32>, tensor<5xf32>, tensor<2x3x5xf32>
  }
}
