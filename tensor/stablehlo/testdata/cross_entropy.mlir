module @cross_entropy {
  func.func public @main(%arg0: tensor<3x7xf32> loc("in0"), %arg1: tensor<3xi32> loc("in1")) -> (tensor<3xf32>, tensor<3x7xf32>) {
    %0 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %1 = stablehlo.reduce(%arg0 init: %0) applies stablehlo.maximum across dimensions = [1] : (tensor<3x7xf32>, tensor<f32>) -> tensor<3xf32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [0] : (tensor<3xf32>) -> tensor<3x7xf32>
    %3 = stablehlo.subtract %arg0, %2 : tensor<3x7xf32>
    %4 = stablehlo.exponential %3 : tensor<3x7xf32>
    %5 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %6 = stablehlo.reduce(%4 init: %5) applies stablehlo.add across dimensions = [1] : (tensor<3x7xf32>, tensor<f32>) -> tensor<3xf32>
    %7 = stablehlo.constant dense<0x00000000> : tensor<3x7xf32>
    %8 = stablehlo.iota dim = 1 : tensor<3x7xi32>
    %9 = stablehlo.broadcast_in_dim %arg1, dims = [0] : (tensor<3xi32>) -> tensor<3x7xi32>
    %10 = stablehlo.compare EQ, %8, %9 : (tensor<3x7xi32>, tensor<3x7xi32>) -> tensor<3x7xi1>
    %11 = stablehlo.select %10, %arg0, %7 : tensor<3x7xi1>, tensor<3x7xf32>
    %12 = stablehlo.log %6 : tensor<3xf32>
    %13 = stablehlo.add %1, %12 : tensor<3xf32>
    %14 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %15 = stablehlo.reduce(%11 init: %14) applies stablehlo.add across dimensions = [1] : (tensor<3x7xf32>, tensor<f32>) -> tensor<3xf32>
    %16 = stablehlo.subtract %13, %15 : tensor<3xf32>
    %17 = stablehlo.constant dense<0> : tensor<3xi32>
    %18 = stablehlo.constant dense<0x00000000> : tensor<3xf32>
    %19 = stablehlo.compare LT, %arg1, %17 : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %20 = stablehlo.select %19, %18, %16 : tensor<3xi1>, tensor<3xf32>
    %21 = stablehlo.broadcast_in_dim %6, dims = [0] : (tensor<3xf32>) -> tensor<3x7xf32>
    %22 = stablehlo.divide %4, %21 : tensor<3x7xf32>
    %23 = stablehlo.constant dense<0x3F800000> : tensor<f32>
    %24 = stablehlo.broadcast_in_dim %23, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %25 = stablehlo.multiply %24, %20 : tensor<3xf32>
    %26 = stablehlo.multiply %24, %20 : tensor<3xf32>
    %27 = stablehlo.add %25, %26 : tensor<3xf32>
    %28 = stablehlo.constant dense<0> : tensor<3xi32>
    %29 = stablehlo.constant dense<0x00000000> : tensor<3xf32>
    %30 = stablehlo.compare LT, %arg1, %28 : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %31 = stablehlo.select %30, %29, %27 : tensor<3xi1>, tensor<3xf32>
    %32 = stablehlo.constant dense<0x3F800000> : tensor<3x7xf32>
    %33 = stablehlo.constant dense<0x00000000> : tensor<3x7xf32>
    %34 = stablehlo.iota dim = 1 : tensor<3x7xi32>
    %35 = stablehlo.broadcast_in_dim %arg1, dims = [0] : (tensor<3xi32>) -> tensor<3x7xi32>
    %36 = stablehlo.compare EQ, %34, %35 : (tensor<3x7xi32>, tensor<3x7xi32>) -> tensor<3x7xi1>
    %37 = stablehlo.select %36, %32, %33 : tensor<3x7xi1>, tensor<3x7xf32>
    %38 = stablehlo.subtract %22, %37 : tensor<3x7xf32>
    %39 = stablehlo.broadcast_in_dim %31, dims = [0] : (tensor<3xf32>) -> tensor<3x7xf32>
    %40 = stablehlo.multiply %38, %39 : tensor<3x7xf32>
    return %20, %40 : tensor<3xf32>, tensor<3x7xf32>
  }
}
