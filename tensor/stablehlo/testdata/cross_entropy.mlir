module @cross_entropy {
  func.func public @main(%arg0: tensor<3x7xf32> loc("in0"), %arg1: tensor<3xi32> loc("in1")) -> (tensor<3xf32>, tensor<3x7xf32>) {
    %0 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %1 = stablehlo.reduce(%arg0 init: %0) applies stablehlo.maximum across dimensions = [1] : (tensor<3x7xf32>, tensor<f32>) -> tensor<3xf32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [0] : (tensor<3xf32>) -> tensor<3x7xf32>
    %3 = stablehlo.subtract %arg0, %2 : tensor<3x7xf32>
    %4 = stablehlo.exponential %3 : tensor<3x7xf32>
    %5 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %6 = stablehlo.reduce(%4 init: %5) applies stablehlo.add across dimensions = [1] : (tensor<3x7xf32>, tensor<f32>) -> tensor<3xf32>
    %7 = stablehlo.log %6 : tensor<3xf32>
    %8 = stablehlo.add %1, %7 : tensor<3xf32>
    %9 = stablehlo.constant dense<0x00000000> : tensor<3x7xf32>
    %10 = stablehlo.iota dim = 1 : tensor<3x7xi32>
    %11 = stablehlo.broadcast_in_dim %arg1, dims = [0] : (tensor<3xi32>) -> tensor<3x7xi32>
    %12 = stablehlo.compare EQ, %10, %11 : (tensor<3x7xi32>, tensor<3x7xi32>) -> tensor<3x7xi1>
    %13 = stablehlo.select %12, %arg0, %9 : tensor<3x7xi1>, tensor<3x7xf32>
    %14 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %15 = stablehlo.reduce(%13 init: %14) applies stablehlo.add across dimensions = [1] : (tensor<3x7xf32>, tensor<f32>) -> tensor<3xf32>
    %16 = stablehlo.subtract %8, %15 : tensor<3xf32>
    %17 = stablehlo.constant dense<0> : tensor<3xi32>
    %18 = stablehlo.constant dense<0x00000000> : tensor<3xf32>
    %19 = stablehlo.compare LT, %arg1, %17 : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %20 = stablehlo.select %19, %18, %16 : tensor<3xi1>, tensor<3xf32>
    %21 = stablehlo.constant dense<0x3F800000> : tensor<f32>
    %22 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %23 = stablehlo.multiply %22, %20 : tensor<3xf32>
    %24 = stablehlo.multiply %22, %20 : tensor<3xf32>
    %25 = stablehlo.add %23, %24 : tensor<3xf32>
    %26 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %27 = stablehlo.reduce(%arg0 init: %26) applies stablehlo.maximum across dimensions = [1] : (tensor<3x7xf32>, tensor<f32>) -> tensor<3xf32>
    %28 = stablehlo.broadcast_in_dim %27, dims = [0] : (tensor<3xf32>) -> tensor<3x7xf32>
    %29 = stablehlo.subtract %arg0, %28 : tensor<3x7xf32>
    %30 = stablehlo.exponential %29 : tensor<3x7xf32>
    %31 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %32 = stablehlo.reduce(%30 init: %31) applies stablehlo.add across dimensions = [1] : (tensor<3x7xf32>, tensor<f32>) -> tensor<3xf32>
    %33 = stablehlo.iota dim = 1 : tensor<3x7xi32>
    %34 = stablehlo.broadcast_in_dim %arg1, dims = [0] : (tensor<3xi32>) -> tensor<3x7xi32>
    %35 = stablehlo.constant dense<0> : tensor<3xi32>
    %36 = stablehlo.constant dense<0x00000000> : tensor<3xf32>
    %37 = stablehlo.compare LT, %arg1, %35 : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %38 = stablehlo.select %37, %36, %25 : tensor<3xi1>, tensor<3xf32>
    %39 = stablehlo.constant dense<0xBF800000> : tensor<3xf32>
    %40 = stablehlo.multiply %38, %39 : tensor<3xf32>
    %41 = stablehlo.broadcast_in_dim %40, dims = [0] : (tensor<3xf32>) -> tensor<3x7xf32>
    %42 = stablehlo.constant dense<0x00000000> : tensor<3x7xf32>
    %43 = stablehlo.compare EQ, %33, %34 : (tensor<3x7xi32>, tensor<3x7xi32>) -> tensor<3x7xi1>
    %44 = stablehlo.select %43, %41, %42 : tensor<3x7xi1>, tensor<3x7xf32>
    %45 = stablehlo.divide %38, %32 : tensor<3xf32>
    %46 = stablehlo.broadcast_in_dim %45, dims = [0] : (tensor<3xf32>) -> tensor<3x7xf32>
    %47 = stablehlo.multiply %46, %30 : tensor<3x7xf32>
    %48 = stablehlo.constant dense<0xBF800000> : tensor<3x7xf32>
    %49 = stablehlo.multiply %47, %48 : tensor<3x7xf32>
    %50 = stablehlo.add %44, %47 : tensor<3x7xf32>
    %51 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %52 = stablehlo.reduce(%49 init: %51) applies stablehlo.add across dimensions = [1] : (tensor<3x7xf32>, tensor<f32>) -> tensor<3xf32>
    %53 = stablehlo.add %38, %52 : tensor<3xf32>
    %54 = stablehlo.broadcast_in_dim %53, dims = [0] : (tensor<3xf32>) -> tensor<3x7xf32>
    %55 = stablehlo.broadcast_in_dim %27, dims = [0] : (tensor<3xf32>) -> tensor<3x7xf32>
    %56 = stablehlo.constant dense<0x00000000> : tensor<3x7xf32>
    %57 = stablehlo.compare EQ, %arg0, %55 : (tensor<3x7xf32>, tensor<3x7xf32>) -> tensor<3x7xi1>
    %58 = stablehlo.select %57, %54, %56 : tensor<3x7xi1>, tensor<3x7xf32>
    %59 = stablehlo.add %50, %58 : tensor<3x7xf32>
    return %20, %59 : tensor<3xf32>, tensor<3x7xf32>
  }
}
